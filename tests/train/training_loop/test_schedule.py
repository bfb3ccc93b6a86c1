import pytest

from train.settings.schedule import ScheduleConfig
from train.training_loop.schedule import learning_rate

PEAK = 1e-2


def rates(config, steps, *, epochs, per_epoch):
    schedule = learning_rate(config, PEAK, epochs=epochs, steps=per_epoch)
    return [float(schedule(step)) for step in steps]


def test_cosine_rises_to_its_peak_and_falls_to_a_hundredth():
    config = ScheduleConfig(warmup_epochs=2)
    values = rates(config, range(0, 501, 10), epochs=10, per_epoch=50)
    assert values[0] == 0
    assert max(values) == values[10] == pytest.approx(PEAK)
    assert values[10:] == sorted(values[10:], reverse=True)
    assert values[-1] == pytest.approx(PEAK / 100)


def test_cosine_without_warm_up_starts_at_its_peak():
    assert rates(ScheduleConfig(warmup_epochs=0), [0], epochs=4, per_epoch=5) == [
        pytest.approx(PEAK)
    ]


def test_steps_are_those_of_pipnet():
    """Adam 1e-4, a tenth at epochs 30 and 50 of 60."""
    config = ScheduleConfig(kind="steps", milestones=(30, 50))
    values = rates(config, [0, 2999, 3001, 4999, 5001], epochs=60, per_epoch=100)
    assert values == pytest.approx([PEAK, PEAK, PEAK / 10, PEAK / 10, PEAK / 100])


def test_inverse_time_is_that_of_asmnet():
    config = ScheduleConfig(kind="inverse-time", decay=1e-5)
    values = rates(config, [0, 1000, 100_000], epochs=150, per_epoch=1049)
    assert values == pytest.approx([PEAK, PEAK / 1.01, PEAK / 2])


def test_unknown_kind_is_refused():
    with pytest.raises(ValueError, match="cosine"):
        learning_rate(ScheduleConfig(kind="linear"), PEAK, epochs=1, steps=1)
