"""Faces whose measures are known: the canonical head, made to act, turned and shown."""

from __future__ import annotations

from dataclasses import astuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from landmarks.canonical_face import canonical_face
from landmarks.faces import read_labelled_faces
from landmarks.measures import frame_shares, measure_face
from landmarks.pose import pose_rotation
from landmarks.schemes import COFW29, IBUG68, WFLW98, wflw98_to_68

SIDE_PX = 90
UPPER_LIDS, LOWER_LIDS = [37, 38, 43, 44], [41, 40, 47, 46]
LOWER_LIP = [55, 56, 57, 58, 59, 65, 66, 67]
BROWS = slice(17, 27)
poses = st.tuples(st.floats(-50, 50), st.floats(-30, 25), st.floats(-60, 60))


def head(*, eyes_shut=0.0, jaw=0.0, brows=0.0):
    """The canonical head with its lids closed by a share, its jaw dropped, its brows raised."""
    face = canonical_face().copy()
    face[UPPER_LIDS] += eyes_shut * (face[LOWER_LIDS] - face[UPPER_LIDS])
    face[LOWER_LIP] += jaw * np.array([0, 1, 0.58])
    face[4:13] += jaw * np.array([0, 0.9, 0.8])
    face[BROWS, 1] -= brows
    return face


def show(face, angles_deg=(0, 0, 0), *, noise_px=0.0, rng=None):
    """The picture points of a head in this pose."""
    points = SIDE_PX * face @ pose_rotation(angles_deg)[:2].T + (210, 160)
    if noise_px:
        points = points + rng.normal(0, noise_px, points.shape)
    return points.astype(np.float32)


def aspect_ratio(points, outline):
    """Equation 1 of Soukupova and Cech on p1 .. p6."""
    p1, p2, p3, p4, p5, p6 = points[list(outline)]
    return (np.linalg.norm(p2 - p6) + np.linalg.norm(p3 - p5)) / (2 * np.linalg.norm(p1 - p4))


@pytest.mark.parametrize("shut", [0.0, 0.5, 1.0])
def test_a_face_that_looks_ahead_has_the_published_eye_aspect_ratio(shut):
    points = show(head(eyes_shut=shut))
    seen = measure_face(points, IBUG68)
    assert seen.left_eye_open == pytest.approx(aspect_ratio(points, range(36, 42)), abs=0.01)
    assert seen.right_eye_open == pytest.approx(aspect_ratio(points, range(42, 48)), abs=0.01)
    assert seen.eyes_open == pytest.approx(0.315 * (1 - shut), abs=0.01)


@given(poses, st.floats(0, 1))
def test_eyes_are_as_open_on_a_turned_head(angles_deg, shut):
    seen = measure_face(show(head(eyes_shut=shut), angles_deg), IBUG68)
    assert seen.left_eye_open == pytest.approx(0.315 * (1 - shut), abs=0.02)
    assert seen.right_eye_open == pytest.approx(0.315 * (1 - shut), abs=0.02)


def test_the_uncorrected_ratio_would_take_a_turn_for_wide_eyes():
    points = show(head(), (50, 0, 0))
    assert aspect_ratio(points, range(36, 42)) > 0.6
    assert measure_face(points, IBUG68).left_eye_open < 0.33


def test_a_wink_is_seen_in_the_eye_that_winks():
    face = canonical_face().copy()
    face[[37, 38]] = face[[41, 40]]
    for angles_deg in ((0, 0, 0), (35, 0, 0), (-35, 10, 20)):
        seen = measure_face(show(face, angles_deg), IBUG68)
        assert seen.left_eye_open < 0.03
        assert seen.right_eye_open > 0.29


@given(poses, st.floats(0, 0.3))
def test_mouth_is_as_open_on_a_turned_head(angles_deg, jaw):
    ahead = measure_face(show(head(jaw=jaw)), IBUG68).mouth_open
    # lips part by the drop over the width of the inner mouth, 0.495 eye distances
    assert ahead == pytest.approx(jaw / 0.495, abs=0.03)
    turned = measure_face(show(head(jaw=jaw), angles_deg), IBUG68).mouth_open
    assert turned == pytest.approx(ahead, abs=0.03 + 0.08 * ahead)


def test_lips_that_pass_each_other_are_shut():
    face = canonical_face().copy()
    face[[65, 66, 67], 1] -= 0.03
    assert measure_face(show(face), IBUG68).mouth_open == 0


@given(poses, st.floats(-0.05, 0.1))
def test_brows_are_as_high_on_a_turned_head(angles_deg, brows):
    seen = measure_face(show(head(brows=brows), angles_deg), IBUG68)
    assert seen.brow_raise == pytest.approx(brows, abs=0.025)


@given(poses)
def test_turn_is_the_angle_between_face_and_camera(angles_deg):
    seen = measure_face(show(head(), angles_deg), IBUG68)
    yaw, pitch, _ = np.deg2rad(angles_deg)
    expected = np.rad2deg(np.arccos(np.cos(yaw) * np.cos(pitch)))
    assert seen.turned_deg == pytest.approx(expected, abs=0.1)


@given(poses)
def test_eye_distance_is_that_of_the_head_and_interocular_that_of_the_picture(angles_deg):
    points = show(head(), angles_deg)
    seen = measure_face(points, IBUG68)
    assert seen.eye_distance_px == pytest.approx(SIDE_PX, rel=0.01)
    assert seen.interocular_px == pytest.approx(np.linalg.norm(points[45] - points[36]), rel=1e-6)


def test_size_of_the_picture_and_a_mirror_change_nothing():
    face = head(jaw=0.1)
    face[[37, 38]] = face[[41, 40]]
    points = show(face, (20, -10, 15))
    seen = measure_face(points, IBUG68)
    larger = measure_face(points * np.float32(3), IBUG68)
    np.testing.assert_allclose(astuple(larger)[:5], astuple(seen)[:5], rtol=1e-3, atol=1e-4)
    mirrored = measure_face(IBUG68.mirrored(points, 400), IBUG68)
    assert mirrored.right_eye_open == pytest.approx(seen.left_eye_open, abs=1e-3)
    assert mirrored.mouth_open == pytest.approx(seen.mouth_open, abs=1e-3)


def test_noise_of_landmarks_leaves_open_and_shut_eyes_apart(rng):
    """One per cent of the eye distance in each point, heads turned up to 40 degrees."""
    angles = rng.uniform((-40, -20, -20), (40, 20, 20), (200, 3))

    def eyes(shut):
        return [
            measure_face(show(head(eyes_shut=shut), a, noise_px=0.9, rng=rng), IBUG68).eyes_open
            for a in angles
        ]

    assert np.percentile(eyes(0.0), 2) > 0.24
    assert np.percentile(eyes(0.9), 98) < 0.14


def test_measures_of_random_expressions_do_not_depend_on_the_pose(shared_data, rng):
    """Expressions of ICT-FaceKit, which the corrections were not made for, on turned heads."""
    if not (shared_data / "ict").is_dir():
        pytest.skip(f"no ICT face in {shared_data}")
    model = np.load(shared_data / "ict" / "ict_face9409_f16.npz")
    index = np.load(shared_data / "ict" / "landmarks68_idx.npy")
    neutral = model["neutral"].astype(np.float64) * (1, -1, -1)
    unit = np.linalg.norm(neutral[index[45]] - neutral[index[36]])
    changes = model["expression"][:, index].astype(np.float64) * (1, -1, -1) / unit
    differences = []
    for _ in range(150):
        used = rng.random(len(changes)) < 0.12
        strength = used * rng.uniform(0, 0.7, len(changes))
        face = canonical_face() + np.tensordot(strength, changes, 1)
        angles = rng.uniform((-40, -25, -20), (40, 20, 20))
        ahead, turned = (measure_face(show(face, a), IBUG68) for a in ((0, 0, 0), angles))
        differences.append(np.abs(np.subtract(astuple(turned), astuple(ahead)))[:4])
    left, right, mouth, brows = np.percentile(differences, 95, axis=0)
    assert max(left, right) < 0.05
    assert mouth < 0.06
    assert brows < 0.03


def test_turned_people_have_eyes_as_open_as_others(shared_data):
    """The plain ratio makes their eyes wider, because a turn foreshortens the width."""
    folder = shared_data / "300w" / "helen" / "testset"
    if not folder.is_dir():
        pytest.skip(f"no 300W in {shared_data}")
    faces = [face.points_frame for face in read_labelled_faces(folder)]
    seen = [measure_face(points, IBUG68) for points in faces]
    turned = np.array([measures.turned_deg for measures in seen])
    eyes = np.array([measures.eyes_open for measures in seen])
    plain = np.array(
        [(aspect_ratio(p, range(36, 42)) + aspect_ratio(p, range(42, 48))) / 2 for p in faces]
    )
    far, ahead = turned > 30, turned < 15
    assert far.sum() > 30
    assert abs(np.median(eyes[far]) - np.median(eyes[ahead])) < 0.02
    assert np.median(plain[far]) - np.median(plain[ahead]) > 0.05
    assert 0.25 < np.median(eyes) < 0.35


def test_points_of_98_are_measured_as_their_68(rng):
    points = rng.uniform(0, 200, (98, 2)).astype(np.float32)
    assert measure_face(points, WFLW98) == measure_face(wflw98_to_68(points), IBUG68)


def test_a_scheme_without_the_68_points_is_refused():
    with pytest.raises(ValueError, match="cofw-29 does not hold the 68 points"):
        measure_face(np.zeros((29, 2), np.float32), COFW29)


def test_shares_of_the_frame_count_from_edge_to_edge():
    points = np.array([[-0.5, -0.5], [639.5, 479.5], [319.5, 239.5]], np.float32)
    shares = frame_shares(points, 640, 480)
    assert shares.dtype == np.float32
    np.testing.assert_allclose(shares, [[0, 0], [1, 1], [0.5, 0.5]])
