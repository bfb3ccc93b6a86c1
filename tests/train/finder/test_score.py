from dataclasses import replace

import numpy as np
import pytest

from landmarks.boxes import Box
from landmarks.find import Detection
from train.datasets.frames import Frame, Seen
from train.finder.score import judge, summarise, threshold_for

SIDE_PX = 400


class Nowhere:
    name = "nowhere.jpg"


def square(x, y, side):
    return np.array([[x, y], [x + side, y + side]], np.float32)


def at(x, y, side=40.0, score=0.9):
    return Detection(Box(x, y, x + side, y + side), score)


@pytest.fixture
def frame():
    """A labelled face at (10, 10) and one that a detector saw at (100, 10), both 40 px wide."""
    return Frame(Nowhere(), (square(10, 10, 40),), (Seen(Box(100, 10, 140, 50), 0.7),))


def test_a_labelled_face_is_hit_and_another_face_is_not_false(frame):
    outcome = judge(frame, [at(12, 10), at(101, 12)], SIDE_PX)
    score = summarise([outcome])
    assert (score.recall, score.false_per_20, score.faces) == (1.0, 0.0, 1)
    assert score.median_iou == pytest.approx(38 / 42)


def test_a_face_that_another_detector_is_sure_of_is_known(frame):
    sure = replace(frame, seen=(Seen(frame.seen[0].box, 0.85),))
    score = summarise([judge(sure, [at(101, 12)], SIDE_PX)])
    assert (score.faces, score.recall, score.false_per_20) == (2, 0.5, 0.0)


def test_large_faces_are_those_from_a_twentieth_of_the_longer_side_on(frame):
    missed = judge(frame, [], long_side_px=40 / 0.049)
    hit = judge(frame, [at(10, 10)], long_side_px=40 / 0.051)
    score = summarise([missed, hit])
    assert (score.faces, score.large_faces) == (2, 1)
    assert (score.recall, score.large_recall) == (0.5, 1.0)


def test_a_box_beside_the_face_is_a_miss_and_false(frame):
    score = summarise([judge(frame, [at(40, 40)], SIDE_PX)])
    assert (score.recall, score.false_per_20) == (0.0, 20.0)


def test_a_second_box_on_the_same_face_is_false(frame):
    assert judge(frame, [at(10, 10), at(11, 11, score=0.5)], SIDE_PX).false_scores == (0.5,)


def test_nothing_found_is_a_miss_without_false_boxes(frame):
    score = summarise([judge(frame, [], SIDE_PX)])
    assert (score.recall, score.false_per_20, score.median_iou) == (0.0, 0.0, 0.0)


def test_the_threshold_lets_through_what_is_allowed(frame):
    far = [at(200 + 50 * i, 200, score=s) for i, s in enumerate((0.8, 0.6, 0.4, 0.2))]
    outcomes = [judge(frame, [at(10, 10, score=0.9), *far], SIDE_PX)] + [
        judge(frame, [], SIDE_PX)
    ] * 19
    for allowed in range(4):
        threshold = threshold_for(outcomes, allowed, least=0.05)
        assert summarise(outcomes, threshold).false_per_20 == allowed
    assert threshold_for(outcomes, 4, least=0.05) == 0.05
