import cv2
import numpy as np
import pytest

from landmarks.pose import pose_rotation, project_face
from train.pose_augmentation.fit import fit_face
from train.pose_augmentation.relief import turn_picture

SEEN = [21, 30, 36, 39, 48, 57]  # on the side that stays in view, and in the middle


@pytest.fixture
def fit(model):
    points = project_face((-8.0, 0.0, 5.0), eye_distance_px=85, centre_px=(127, 95))
    return fit_face(model, points)


def turn(image, fit, rotation):
    return turn_picture(
        image, fit.points_camera(), fit.model.quads, fit.turn_to(rotation), fit.centre_camera
    )


def test_a_turn_by_nothing_gives_the_same_picture(fit, rng):
    image = rng.integers(0, 256, (256, 256, 3), np.uint8)
    np.testing.assert_array_equal(turn(image, fit, fit.rotation), image)


@pytest.mark.parametrize("yaw", [-20.0, -35.0])
def test_what_is_painted_on_a_face_moves_with_its_landmarks(fit, yaw):
    points = fit.landmarks_turned(fit.rotation)
    rotation = pose_rotation((yaw, 8.0, 5.0))
    expected = fit.landmarks_turned(rotation)
    for i in SEEN:
        image = np.zeros((256, 256, 3), np.uint8)
        x, y = (round(float(8 * value)) for value in points[i])
        cv2.circle(image, (x, y), 16, (255, 255, 255), -1, cv2.LINE_AA, 3)
        turned = turn(image, fit, rotation)[..., 0].astype(float)
        rows, columns = np.mgrid[:256, :256]
        found = [(part * turned).sum() / turned.sum() for part in (columns, rows)]
        assert turned.sum() > 0, i
        np.testing.assert_allclose(found, expected[i], atol=2.5, err_msg=f"landmark {i}")


def test_the_corners_stay_where_they_are(fit, rng):
    image = cv2.GaussianBlur(rng.integers(0, 2, (256, 256, 3), np.uint8) * 255, (0, 0), 3)
    turned = turn(image, fit, pose_rotation((-20.0, 0.0, 5.0))).astype(int)
    for rows in (slice(0, 2), slice(-2, None)):
        for columns in (slice(0, 2), slice(-2, None)):
            apart = turned[rows, columns] - image[rows, columns]
            assert np.abs(apart).max() <= 8
    assert np.abs(turned[100:150, 100:150] - image[100:150, 100:150]).mean() > 4


def test_a_face_outside_of_the_picture_is_refused(fit):
    mesh = fit.points_camera() + 1000
    with pytest.raises(ValueError, match="does not lie in the picture"):
        turn_picture(
            np.zeros((64, 64, 3), np.uint8), mesh, fit.model.quads, np.eye(3), fit.centre_camera
        )
