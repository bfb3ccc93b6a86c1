from __future__ import annotations

import numpy as np
import pytest

from landmarks.boxes import face_box
from landmarks.schemes import IBUG68
from train.selftrain.mirror_image import mirrored_back


@pytest.mark.parametrize("width", [2, 320])
def test_the_mirror_image_of_a_mirror_image_is_the_face(face68, width):
    points = face68 * width / 2
    mirrored = IBUG68.mirrored(points, width)
    back = mirrored_back(mirrored, IBUG68, width=width, mirror_shift=0.0)
    np.testing.assert_allclose(back, points, atol=1e-4)


def test_answers_that_lie_to_one_side_in_both_agree(face68):
    """A network that always answers too far to the right says so of the mirrored face, too."""
    shift = 0.02 * face_box(face68).width  # labels of mirrored faces were moved by twice that
    right = np.float32([shift, 0])
    answer, of_mirror = face68 + right, IBUG68.mirrored(face68, 2) + right
    back = mirrored_back(of_mirror, IBUG68, width=2, mirror_shift=0.04)
    np.testing.assert_allclose(back, answer, atol=1e-5)
