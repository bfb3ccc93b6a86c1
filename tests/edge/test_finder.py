from __future__ import annotations

import numpy as np
import pytest

from edge.finder.haar import HaarFinder
from landmarks.boxes import face_box, intersection_over_union


def test_the_clip_face_is_found_where_it_is(clip):
    images, truth = clip
    finder = HaarFinder()
    for image, points in list(zip(images, truth, strict=True))[::15]:
        best = finder.find(image)[0]
        assert intersection_over_union(best.box, face_box(points)) > 0.5


def test_boxes_scale_with_the_frame(clip):
    images, truth = clip
    large = np.repeat(np.repeat(images[0], 3, axis=0), 3, axis=1)
    best = HaarFinder().find(large)[0]
    assert intersection_over_union(best.box, face_box(truth[0] * 3 + 1)) > 0.5


def test_no_face_is_an_empty_tuple():
    assert HaarFinder().find(np.zeros((120, 160, 3), np.uint8)) == ()


def test_a_grey_array_is_refused():
    with pytest.raises(ValueError, match="RGB uint8"):
        HaarFinder().find(np.zeros((120, 160), np.uint8))
