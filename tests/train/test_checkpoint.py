import shutil

import keras
import numpy as np
import pytest

from landmarks.errors import TrainingError
from train.checkpoint import LAST, PREVIOUS, Progress, load_checkpoint, save_checkpoint


def make_model(units=3):
    x = keras.Input((4,))
    model = keras.Model(x, keras.layers.Dense(units)(x))
    optimizer = keras.optimizers.AdamW(0.05, use_ema=True, ema_momentum=0.9)
    model.compile(optimizer, loss="mse")
    return model


def step(model, times=1):
    rng = np.random.default_rng(3)
    x = rng.normal(size=(8, 4)).astype(np.float32)
    y = rng.normal(size=(8, model.output.shape[-1])).astype(np.float32)
    for _ in range(times):
        model.train_on_batch(x, y)


def state(model):
    variables = [*model.variables, *model.optimizer.variables]
    return [np.array(keras.ops.convert_to_numpy(variable)) for variable in variables]


def assert_same(one, other):
    assert len(one) == len(other)
    for a, b in zip(one, other, strict=True):
        np.testing.assert_array_equal(a, b)


def history(epochs):
    return Progress(epochs, tuple({"epoch": i + 1, "loss": 1.0 / (i + 1)} for i in range(epochs)))


@pytest.fixture(scope="module")
def once(tmp_path_factory):
    """A folder with two checkpoints, and the states that they hold."""
    folder = tmp_path_factory.mktemp("run")
    model = make_model()
    step(model, 2)
    save_checkpoint(folder, model, history(1))
    first = state(model)
    step(model, 2)
    save_checkpoint(folder, model, history(2))
    return folder, first, state(model)


@pytest.fixture
def saved(once, tmp_path):
    """A copy of it for a test to spoil."""
    folder, first, last = once
    return shutil.copytree(folder, tmp_path / "checkpoint"), first, last


def test_network_optimizer_and_history_come_back(saved):
    folder, _, last = saved
    model = make_model()
    assert load_checkpoint(folder, model) == history(2)
    assert_same(state(model), last)


def test_moving_average_of_the_weights_is_part_of_it(saved):
    folder, _, last = saved
    assert len(last) > 2 + 2 * 2 + 2  # weights, two moments each, averages, counters
    model = make_model()
    load_checkpoint(folder, model)
    model.optimizer.finalize_variable_values(model.trainable_variables)
    assert not np.array_equal(state(model)[0], last[0])


def test_training_goes_on_as_if_it_had_not_stopped(saved):
    folder, _, _ = saved
    resumed, unbroken = make_model(), make_model()
    load_checkpoint(folder, resumed)
    load_checkpoint(folder, unbroken)
    step(resumed)
    save_checkpoint(folder, resumed, history(3))
    again = make_model()
    load_checkpoint(folder, again)
    step(again)
    step(unbroken, 2)
    assert_same(state(again), state(unbroken))


def test_no_checkpoint_means_a_fresh_start(tmp_path):
    model = make_model()
    step(model)
    before = state(model)
    assert load_checkpoint(tmp_path / "nowhere", model) == Progress()
    assert_same(state(model), before)


@pytest.mark.parametrize("kept", [0.0, 0.01, 0.5, 0.98])
def test_half_written_checkpoint_falls_back_to_the_previous_one(saved, kept):
    folder, first, _ = saved
    data = (folder / LAST).read_bytes()
    (folder / LAST).write_bytes(data[: int(kept * len(data))])
    model = make_model()
    assert load_checkpoint(folder, model) == history(1)
    assert_same(state(model), first)


def test_damaged_checkpoint_falls_back_or_is_unharmed(saved):
    folder, first, last = saved
    data = (folder / LAST).read_bytes()
    model = make_model()
    for flip in np.random.default_rng(2).integers(0, len(data) * 8, 150).tolist():
        damaged = bytearray(data)
        damaged[flip // 8] ^= 1 << flip % 8
        (folder / LAST).write_bytes(bytes(damaged))
        progress = load_checkpoint(folder, model)
        assert_same(state(model), last if progress == history(2) else first)


def test_kill_between_the_two_renames_loses_one_epoch_at_most(saved):
    folder, first, _ = saved
    (folder / LAST).unlink()
    model = make_model()
    assert load_checkpoint(folder, model) == history(1)
    assert_same(state(model), first)


def test_failed_save_keeps_the_checkpoint_before_it(saved, monkeypatch):
    folder, _, last = saved
    model = make_model()
    step(model)

    def disk_full(file, **arrays):
        file.write_bytes(b"PK half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "savez", disk_full)
    with pytest.raises(OSError):
        save_checkpoint(folder, model, history(3))
    other = make_model()
    assert load_checkpoint(folder, other) == history(2)
    assert_same(state(other), last)
    assert [path.name for path in folder.iterdir()] == [PREVIOUS]


def test_checkpoint_of_another_network_is_refused_and_changes_nothing(saved):
    folder, _, _ = saved
    model = make_model(units=5)
    before = state(model)
    with pytest.raises(TrainingError, match="no checkpoint fits"):
        load_checkpoint(folder, model)
    assert_same(state(model)[:2], before[:2])


def test_two_newest_checkpoints_are_kept(saved):
    folder, _, _ = saved
    assert sorted(path.name for path in folder.iterdir()) == [LAST, PREVIOUS]
