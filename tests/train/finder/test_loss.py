import numpy as np
import pytest

from train.finder.loss import finder_loss
from train.finder.scenes import Scene
from train.finder.targets import encode_scene


@pytest.fixture
def truth():
    faces = np.array([[30, 40, 24], [90, 80, 50]], np.float32)
    ignored, rolls_deg = np.zeros((0, 3), np.float32), np.array([30, np.nan], np.float32)
    scene = Scene(np.zeros((128, 128, 3), np.uint8), faces, ignored, rolls_deg)
    return encode_scene(scene, 8)[None]


def perfect(truth):
    heat = np.clip(truth[..., :1], 1e-6, 1 - 1e-6)
    return np.concatenate([np.log(heat / (1 - heat)), truth[..., 2:5], truth[..., 6:8]], axis=-1)


def value(truth, answer):
    return float(finder_loss(truth, answer.astype(np.float32)))


def test_the_truth_costs_nothing(truth):
    assert value(truth, perfect(truth)) == pytest.approx(0, abs=1e-3)


@pytest.mark.parametrize(
    "channel, change", [(0, -3.0), (1, 0.5), (2, -0.5), (3, 0.4), (3, -0.4), (4, 0.5)]
)
def test_every_error_costs(truth, channel, change):
    answer = perfect(truth)
    answer[..., channel] += change * (truth[..., 5] > 0)
    assert value(truth, answer) > 0.02


def test_a_false_face_costs_except_where_it_is_ignored(truth):
    answer = perfect(truth)
    answer[0, 0, 0, 0] = 3.0
    assert value(truth, answer) > 0.5
    ignored = truth.copy()
    ignored[0, 0, 0, 1] = 0
    assert value(ignored, answer) == pytest.approx(0, abs=1e-3)


def test_wild_answers_of_the_first_steps_stay_finite(truth):
    answer = np.full((*truth.shape[:3], 6), 80.0)
    assert np.isfinite(value(truth, answer))
    assert np.isfinite(value(truth, -answer))


def test_a_roll_that_nobody_knows_costs_nothing(truth):
    answer = perfect(truth)
    unknown = (truth[..., 5] > 0) & (truth[..., 8] == 0)
    assert unknown.any()
    answer[unknown, 4:] += 0.5
    assert value(truth, answer) == pytest.approx(0, abs=1e-3)
