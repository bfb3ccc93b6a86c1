from __future__ import annotations

import numpy as np
import pytest

from landmarks.aligned_face import aligned_face, aligned_transform, five_points
from landmarks.faces import read_labelled_face
from landmarks.pose import project_face
from landmarks.schemes import COFW29, IBUG68
from tests.conftest import CHECKOUT


def head(roll_deg=0.0, side_px=80.0, centre_px=(160.0, 100.0)):
    return project_face((0, 0, roll_deg), eye_distance_px=side_px, centre_px=centre_px)


@pytest.mark.parametrize("roll_deg", [-70, 0, 35, 180])
@pytest.mark.parametrize("side_px", [30, 300])
def test_eyes_nose_and_mouth_come_to_their_places(roll_deg, side_px):
    points = head(roll_deg, side_px)
    placed = five_points(aligned_transform(points, IBUG68).to_crop(points), IBUG68)
    wanted = [(38.3, 51.7), (73.5, 51.5), (56.0, 71.7), (41.5, 92.4), (70.7, 92.2)]
    assert np.linalg.norm(placed - wanted, axis=1).max() < 4  # heads differ
    assert abs(placed[0, 1] - placed[1, 1]) < 1  # eyes are level


def test_a_larger_cut_shows_the_same_region():
    points = head(20)
    small, large = (aligned_transform(points, IBUG68, size) for size in (112, 224))
    corners = np.array([[-0.5, -0.5], [111.5, 111.5]])
    np.testing.assert_allclose(
        small.to_frame(corners), large.to_frame(corners * 2 + 0.5), atol=1e-3
    )


def test_pixels_of_a_turned_picture_are_the_same():
    face = read_labelled_face(CHECKOUT / "calib_data" / "faces" / "face_003.pts")
    picture, points = face.picture.read(), face.points_frame
    upright = aligned_face(picture, points, IBUG68).astype(int)
    turned_points = np.stack([191 - points[:, 1], points[:, 0]], axis=1)
    turned = aligned_face(np.ascontiguousarray(np.rot90(picture, -1)), turned_points, IBUG68)
    assert upright.shape == (112, 112, 3)
    assert np.abs(turned - upright).mean() < 1.5


def test_what_cannot_be_cut_is_refused():
    picture = np.zeros((240, 320, 3), np.uint8)
    with pytest.raises(ValueError, match="cofw-29 does not hold the 68 points"):
        aligned_face(picture, np.zeros((29, 2), np.float32), COFW29)
    with pytest.raises(ValueError, match="coincide"):
        aligned_face(picture, np.zeros((68, 2), np.float32), IBUG68)
    with pytest.raises(ValueError, match="positive size"):
        aligned_face(picture, head(), IBUG68, size=0)
