from __future__ import annotations

import numpy as np
import pytest

from edge.finder import Detection
from edge.finder.parts import find_everywhere, find_in, parts_of, search_order, whole_of
from edge.finder.search import Found
from landmarks.boxes import Box


class Sees:
    """A finder that sees a bright square, if it is at least a tenth of what it is shown."""

    def __init__(self):
        self.calls = 0

    def find(self, frame):
        self.calls += 1
        rows, columns = np.nonzero(frame[..., 0] > 128)
        if len(rows) == 0 or np.ptp(columns) + 1 < max(frame.shape[:2]) / 10:
            return ()
        edges = columns.min() - 0.5, rows.min() - 0.5, columns.max() + 0.5, rows.max() + 0.5
        return (Detection(Box(*map(float, edges)), 0.9, 10.0),)


def picture(width, height, face=None):
    frame = np.zeros((height, width, 3), np.uint8)
    if face is not None:
        x, y, side = face
        frame[y : y + side, x : x + side] = 255
    return frame


def edges(detection):
    box = detection.box
    return [box.x0, box.y0, box.x1, box.y1]


@pytest.mark.parametrize(
    "size, count",
    [((640, 480), 4), ((480, 640), 4), ((1280, 720), 2), ((300, 300), 4), ((1, 1), 1)],
)
def test_parts_cover_a_frame_and_overlap_by_a_fifth(size, count):
    frame = picture(*size)
    parts = parts_of(frame)
    assert len(parts) == count
    seen = np.zeros(frame.shape[:2], int)
    for part in parts:
        seen[part.y0 : part.y1, part.x0 : part.x1] += 1
    assert (seen > 0).all()
    if count > 1:
        width = frame.shape[1]
        assert (seen.max(axis=0) >= 2).sum() >= 0.19 * max(size) or width < max(size)


def test_a_small_face_is_found_in_a_part_and_lies_in_pixels_of_the_frame():
    frame = picture(640, 480, face=(500, 300, 45))
    finder = Sees()
    assert find_in(finder, frame, whole_of(frame)) == []
    (found,) = find_everywhere(finder, frame)
    assert edges(found) == pytest.approx([499.5, 299.5, 544.5, 344.5], abs=0.01)
    assert (found.score, found.roll_deg) == (0.9, 10.0)
    assert finder.calls == 1 + 1 + 4


def test_a_face_that_an_inner_edge_cuts_is_left_to_another_part():
    frame = picture(640, 480, face=(340, 100, 100))
    (found,) = find_everywhere(Sees(), frame)
    assert edges(found) == pytest.approx([339.5, 99.5, 439.5, 199.5], abs=0.01)


def test_a_face_at_the_edge_of_the_frame_is_not_left_out():
    frame = picture(640, 480, face=(0, 0, 70))
    (found,) = find_in(Sees(), frame, parts_of(frame)[0])
    assert found.box == Box(-0.5, -0.5, 69.5, 69.5)


def test_a_face_that_two_looks_see_is_found_once():
    frame = picture(640, 480, face=(280, 200, 80))
    assert len(find_everywhere(Sees(), frame)) == 1


def test_a_film_looks_at_the_whole_frame_every_third_time_and_at_every_part():
    frame = picture(640, 480)
    order = search_order(frame)
    assert order[::3] == (whole_of(frame),) * 2
    assert (*order[1:3], *order[4:6]) == parts_of(frame)


@pytest.mark.parametrize(
    "box, seen",
    [
        (Box(300, 200, 345, 245), True),
        (Box(300, 200, 330, 230), False),
        (Box(600, 440, 650, 490), True),
    ],
    ids=["large enough", "too small to be missed", "at the edge of the frame"],
)
def test_a_look_at_the_whole_frame_speaks_of_faces_that_it_would_show(box, seen):
    whole = whole_of(picture(640, 480))
    assert Found((), whole, whole).would_show(box) == seen


def test_a_look_at_a_part_speaks_of_what_lies_in_it_alone():
    frame = picture(640, 480)
    part = parts_of(frame)[0]
    found = Found((), part, whole_of(frame))
    assert found.would_show(Box(100, 100, 140, 140))
    assert not found.would_show(Box(360, 100, 400, 140)), "cut by the part's edge"
    assert not found.would_show(Box(500, 100, 540, 140))
