from __future__ import annotations

import numpy as np
import pytest

from edge.finder import Detection
from edge.finder.haar import HaarFinder
from edge.pipeline import FIND_EVERY, MIN_PRESENCE, Pipeline, plausible
from landmarks.boxes import Box, face_box, intersection_over_union
from landmarks.locate import LocatedFace
from landmarks.metrics import nme
from landmarks.schemes import IBUG68


class CountingFinder:
    """A finder that knows where the face is, and counts how often it was asked."""

    def __init__(self, boxes):
        self.boxes = boxes
        self.calls = 0

    def find(self, frame):
        self.calls += 1
        return tuple(Detection(box, 1.0) for box in self.boxes)


def test_a_face_is_followed_with_one_id_and_found_only_once(clip, localizer):
    images, truth = clip
    finder = CountingFinder([face_box(truth[0])])
    pipeline = Pipeline(finder, localizer)
    errors = []
    for image, points in zip(images, truth, strict=True):
        (face,), _ = pipeline.process(image)
        assert face.id == 0
        errors.append(nme(face.points_frame, points, IBUG68))
    assert finder.calls == 1
    assert np.mean(errors) < 0.06


def test_the_haar_finder_starts_the_same_track(clip, localizer):
    images, truth = clip
    (face,), times = Pipeline(HaarFinder(), localizer).process(images[0])
    assert intersection_over_union(face.box, face_box(truth[0])) > 0.7
    assert min(times.find_ms, times.crop_ms, times.infer_ms, times.decode_ms) > 0


def test_a_frame_without_a_face_is_an_empty_tuple(localizer):
    pipeline = Pipeline(HaarFinder(), localizer)
    for value in (0, 255):
        faces, _ = pipeline.process(np.full((240, 320, 3), value, np.uint8))
        assert faces == ()


def test_a_lost_face_is_looked_for_at_once_and_gets_a_new_id(clip, localizer):
    images, truth = clip
    finder = CountingFinder([face_box(truth[0])])
    pipeline = Pipeline(finder, localizer)
    ((first,), _) = pipeline.process(images[0])
    finder.boxes = []
    gone, _ = pipeline.process(np.zeros_like(images[0]))
    assert gone == ()
    finder.boxes = [face_box(truth[1])]
    ((again,), _) = pipeline.process(images[1])
    assert again.id == first.id + 1


def test_free_slots_are_searched_now_and_then_not_always(clip, localizer):
    images, truth = clip
    finder = CountingFinder([face_box(truth[0])])
    pipeline = Pipeline(finder, localizer, faces=2)
    for image in images[: 2 * FIND_EVERY + 2]:
        faces, _ = pipeline.process(image)
        assert len(faces) == 1, "the same face must not be reported twice"
    assert 2 <= finder.calls <= 3


def test_more_detections_than_asked_for_are_left_out(clip, localizer):
    images, truth = clip
    box = face_box(truth[0])
    finder = CountingFinder([box, Box(box.x0 + 2, box.y0, box.x1 + 2, box.y1)])
    faces, _ = Pipeline(finder, localizer, faces=1).process(images[0])
    assert len(faces) == 1


def test_unrelated_pictures_are_never_followed(clip, localizer):
    images, truth = clip
    finder = CountingFinder([face_box(truth[0])])
    pipeline = Pipeline(finder, localizer, follow=False)
    for _ in range(3):
        (face,), _ = pipeline.process(images[0])
        assert face.id == 0
    assert finder.calls == 3


@pytest.mark.parametrize(
    "points, presence",
    [
        (np.full((68, 2), np.nan, np.float32), 1.0),
        (np.zeros((68, 2), np.float32), 1.0),
        (np.random.default_rng(0).uniform(0, 100, (68, 2)).astype(np.float32), MIN_PRESENCE / 2),
    ],
)
def test_blown_up_tiny_or_unsure_faces_are_not_plausible(points, presence):
    assert not plausible(LocatedFace(points, presence))
