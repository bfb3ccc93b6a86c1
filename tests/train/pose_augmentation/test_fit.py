import numpy as np
import pytest

from landmarks.pose import head_pose, pose_rotation, project_face
from landmarks.schemes import IBUG68
from train.pose_augmentation.fit import fit_face

POSES = [(0.0, 0.0, 0.0), (25.0, 8.0, -10.0), (-30.0, -10.0, 15.0)]


def frontal(angles_deg=(0.0, 0.0, 0.0)):
    return project_face(angles_deg, eye_distance_px=90, centre_px=(127, 90))


@pytest.mark.parametrize("angles", POSES)
def test_the_fitted_face_meets_the_labels_and_has_their_pose(model, angles, rng):
    points = frontal(angles) + rng.normal(0, 1.0, (68, 2))
    fit = fit_face(model, points)
    np.testing.assert_allclose(fit.points_camera(fit.sites)[:, :2], points, atol=1e-3)
    np.testing.assert_allclose(fit.angles_deg, angles, atol=6)
    assert fit.scale == pytest.approx(90, rel=0.1)
    assert 0 < fit.error < 0.08


@pytest.mark.parametrize("angles", POSES)
def test_a_turn_by_nothing_leaves_the_labels_where_they_are(model, angles):
    fit = fit_face(model, frontal(angles))
    np.testing.assert_allclose(fit.landmarks_turned(fit.rotation), frontal(angles), atol=1e-3)


@pytest.mark.parametrize("wanted", [(40.0, 0.0, 0.0), (-35.0, 10.0, 0.0), (20.0, -12.0, 0.0)])
def test_the_pose_found_of_turned_labels_is_the_wanted_one(model, wanted):
    turned = fit_face(model, frontal()).landmarks_turned(pose_rotation(wanted))
    np.testing.assert_allclose(head_pose(turned, IBUG68).angles_deg, wanted, atol=5)


def test_turned_labels_are_the_turned_vertices(model):
    """Inside the outline, where the labels are the same places of the head in every pose."""
    fit = fit_face(model, frontal())
    rotation = pose_rotation((38.0, -6.0, 4.0))
    vertices = fit.points_camera(model.landmarks)
    middle = vertices.mean(axis=0)
    expected = (vertices - middle) @ (rotation @ fit.rotation.T).T + middle
    turned = fit.landmarks_turned(rotation)
    np.testing.assert_allclose(turned[17:], expected[17:, :2], atol=1e-3)
    # yaw > 0 hides the left of the picture: its jaw labels lie on the outline of the cheek
    assert (turned[1:5, 0] < expected[1:5, 0] - 1).all()


def test_a_shape_that_the_face_can_take_is_found(small_model):
    weights = np.array([1.5, -1.0, 0.5])
    face = small_model.shape(weights, small_model.landmarks)
    points = 100 * face @ pose_rotation((18.0, 5.0, -7.0))[:2].T + (128, 100)
    fit = fit_face(small_model, points)
    plain = fit_face(small_model, 100 * small_model.neutral[small_model.landmarks, :2])
    assert fit.error < 0.04
    assert fit.weights[2] > plain.weights[2] + 0.2
    assert fit.weights[1] < plain.weights[1] - 0.4


def test_points_on_a_line_are_no_face(small_model):
    with pytest.raises(ValueError, match="cannot fit a head"):
        fit_face(small_model, np.zeros((68, 2)))
