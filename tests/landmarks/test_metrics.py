from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from landmarks.metrics import (
    STILL_SPEED,
    area_under_curve,
    cumulative_error,
    failure_rate,
    jitter,
    lag_s,
    nme,
    normaliser_length,
    point_errors,
    pose_mae_deg,
    region_nme,
    to_resized_crop,
)
from landmarks.schemes import AFLW19, COFW29, IBUG68, SCHEMES

error_lists = st.lists(st.floats(0, 0.5), min_size=1, max_size=50).map(np.array)


@pytest.fixture
def pair(face68, rng):
    truth = face68 * 200 + 40
    return truth + rng.normal(0, 3, truth.shape), truth


def test_perfect_faces_have_auc_one_and_no_failure():
    errors = np.zeros(7)
    assert area_under_curve(errors) == pytest.approx(1, abs=1e-12)
    assert failure_rate(errors) == 0


def test_faces_beyond_the_threshold_have_auc_zero_and_all_fail():
    errors = np.full(7, 0.2)
    assert area_under_curve(errors) == 0
    assert failure_rate(errors) == 1


def test_error_of_exactly_the_threshold_is_no_failure():
    assert failure_rate(np.array([0.1, 0.1, 0.11, 0.09])) == 0.25


def test_evenly_spread_errors_have_auc_one_half():
    assert area_under_curve(np.linspace(0, 0.1, 20001)) == pytest.approx(0.5, abs=1e-3)


@given(error_lists)
def test_auc_is_between_zero_and_the_share_of_successes(errors):
    assert -1e-9 <= area_under_curve(errors) <= 1 - failure_rate(errors) + 1e-9


@given(error_lists)
def test_cumulative_error_never_falls_and_meets_the_failure_rate(errors):
    share = cumulative_error(errors, np.linspace(0, 0.5, 101))
    assert (np.diff(share) >= 0).all()
    assert share[-1] == 1
    at_threshold = cumulative_error(errors, np.array([0.1]))[0]
    assert at_threshold == pytest.approx(1 - failure_rate(errors))


@given(error_lists, st.randoms(use_true_random=False))
def test_order_of_the_faces_does_not_matter(errors, random):
    shuffled = errors.tolist()
    random.shuffle(shuffled)
    assert area_under_curve(np.array(shuffled)) == area_under_curve(errors)


@pytest.mark.parametrize("measure", [failure_rate, area_under_curve])
def test_no_faces_have_no_figure(measure):
    with pytest.raises(ValueError, match="at least one face"):
        measure(np.array([]))


def test_exact_points_have_no_error(pair):
    _, truth = pair
    assert nme(truth, truth, IBUG68) == 0


def test_shift_by_a_tenth_of_the_eye_distance_is_ten_percent(pair):
    _, truth = pair
    length = np.linalg.norm(truth[45] - truth[36])
    assert nme(truth + (0.1 * length, 0), truth, IBUG68) == pytest.approx(0.1)


@given(
    st.floats(-np.pi, np.pi),
    st.floats(0.05, 20),
    st.tuples(st.floats(-500, 500), st.floats(-500, 500)),
)
@pytest.mark.parametrize("normaliser", ["inter-ocular", "inter-pupil"])
def test_error_does_not_depend_on_where_and_how_large_the_face_is(normaliser, angle, scale, shift):
    rng = np.random.default_rng(8)
    truth = rng.uniform(0, 100, (68, 2))
    points = truth + rng.normal(0, 2, truth.shape)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    moved, moved_truth = (scale * shape @ turn.T + shift for shape in (points, truth))
    assert nme(moved, moved_truth, IBUG68, normaliser) == pytest.approx(
        nme(points, truth, IBUG68, normaliser), rel=1e-6
    )


def test_regions_combine_to_the_whole(pair):
    regions = region_nme(*pair, IBUG68)
    assert regions.keys() == IBUG68.regions.keys()
    combined = sum(regions[name] * len(i) for name, i in IBUG68.regions.items()) / 68
    assert combined == pytest.approx(nme(*pair, IBUG68))


def test_error_in_one_region_is_reported_there_alone(pair):
    _, truth = pair
    points = truth.copy()
    points[48:68] += 5
    regions = region_nme(points, truth, IBUG68)
    assert [name for name, error in regions.items() if error > 0] == ["mouth"]


def test_normalisers_measure_what_they_say():
    truth = np.zeros((68, 2))
    truth[36], truth[45] = (10, 50), (110, 50)
    truth[37:42], truth[42:45], truth[46:48] = (40, 50), (80, 50), (80, 50)
    truth[:17] = (60, 130)
    truth[27] = (0, 0)
    assert normaliser_length(truth, IBUG68, "inter-ocular") == 100
    assert normaliser_length(truth, IBUG68, "inter-pupil") == pytest.approx(50)
    assert normaliser_length(truth, IBUG68, "box") == pytest.approx(np.sqrt(110 * 130))
    assert normaliser_length(truth, IBUG68, "image", (90, 160)) == pytest.approx(120)


@pytest.mark.parametrize("scheme", SCHEMES.values(), ids=SCHEMES.keys())
@pytest.mark.parametrize("normaliser", ["inter-ocular", "inter-pupil", "box"])
def test_every_scheme_has_every_normaliser(scheme, normaliser, rng):
    truth = rng.uniform(0, 100, (scheme.n_points, 2))
    assert normaliser_length(truth, scheme, normaliser) > 0


def test_unknown_normaliser_is_refused(pair):
    with pytest.raises(ValueError, match="inter-ocular"):
        nme(*pair, IBUG68, "iod")


def test_scheme_without_pupils_has_no_inter_pupil_error(pair):
    with pytest.raises(ValueError, match="^scheme 300w-68 has no pupils"):
        nme(*pair, replace(IBUG68, pupils=None), "inter-pupil")


def test_image_normaliser_needs_the_size(pair):
    with pytest.raises(ValueError, match="^the image normaliser needs image_size$"):
        nme(*pair, IBUG68, "image")


def test_face_of_no_extent_has_no_error_figure():
    with pytest.raises(ValueError, match="length"):
        nme(np.zeros((68, 2)), np.zeros((68, 2)), IBUG68)


def test_points_of_two_schemes_cannot_be_compared():
    with pytest.raises(ValueError, match="shapes differ"):
        point_errors(np.zeros((29, 2)), np.zeros((19, 2)), 1.0)
    with pytest.raises(ValueError, match="29"):
        normaliser_length(np.zeros((AFLW19.n_points, 2)), COFW29, "box")


def test_still_points_do_not_jitter(face68):
    assert jitter(np.stack([face68] * 30).astype(np.float64), 0.5) == pytest.approx(0, abs=1e-12)


def test_jitter_is_the_spread_of_noise_over_the_length(rng, face68):
    frames = face68 * 100 + rng.normal(0, 2, (2000, 68, 2))
    assert jitter(frames, 50.0) == pytest.approx(2 * np.sqrt(2) / 50, rel=0.02)


def test_lag_is_the_delay_of_a_moving_face(rng, face68):
    times_s = np.arange(90) / 30

    def at(seconds):
        sway = 40 * np.sin(2 * np.pi * 0.4 * seconds)
        return face68 * 100 + np.stack([sway + 120 * seconds, sway], axis=1)[:, None]

    late = at(times_s - 0.05) + 3 + rng.normal(0, 0.2, (90, 68, 2))
    assert lag_s(late, at(times_s), times_s) == pytest.approx(0.05, rel=0.05)
    assert lag_s(at(times_s) + 3, at(times_s), times_s) == pytest.approx(0, abs=1e-9)


def test_a_still_face_has_no_lag(rng, face68):
    still = np.stack([face68] * 5)
    assert lag_s(still + rng.normal(size=still.shape), still, np.arange(5.0)) is None


@pytest.mark.parametrize(("speed", "moves"), [(0.9, False), (1.1, True)])
def test_a_face_moves_from_a_thousandth_pixel_a_second_on(face68, speed, moves):
    """Every point goes to and fro along x and y; ``speed`` is the root mean square."""
    times_s = np.arange(0, 8, 0.01)
    sway = speed * STILL_SPEED * np.sqrt(2) * np.sin(2 * np.pi * times_s) / (2 * np.pi)
    true = face68.astype(np.float64) + sway[:, None, None]
    assert (lag_s(true, true, times_s) is not None) == moves


def test_pose_errors_are_taken_round_the_circle():
    angles = np.array([[179.0, 10, -5], [175.0, 16, 5]])
    truth = np.array([[-179.0, 12, -5], [-179.0, 20, 4]])
    np.testing.assert_allclose(pose_mae_deg(angles, truth), [4, 3, 0.5])


@given(st.integers(0, 2**32 - 1))
def test_whole_turns_do_not_change_pose_errors(seed):
    rng = np.random.default_rng(seed)
    angles, truth = rng.uniform(-180, 180, (2, 5, 3))
    turned = truth + 360 * rng.integers(-2, 3, truth.shape)
    np.testing.assert_allclose(pose_mae_deg(angles, turned), pose_mae_deg(angles, truth), atol=1e-9)
    assert (pose_mae_deg(angles, truth) <= 180).all()


def test_pose_without_three_angles_is_refused():
    with pytest.raises(ValueError, match=r"\(faces, 3\)"):
        pose_mae_deg(np.zeros((4, 2)), np.zeros((4, 2)))


@pytest.mark.parametrize("normaliser", ["inter-pupil", "box", "image"])
def test_regions_use_the_normaliser_that_was_asked_for(pair, normaliser):
    points, truth = pair
    how = (IBUG68, normaliser, (240, 320))
    regions = region_nme(points, truth, *how)
    weights = [len(indices) / 68 for indices in IBUG68.regions.values()]
    assert np.dot(weights, list(regions.values())) == pytest.approx(nme(points, truth, *how))


def test_resized_crop_is_the_tight_box_with_a_margin_of_five_percent():
    truth = np.array([[10, 20], [110, 20], [110, 220], [10, 220]], np.float64)
    crop = to_resized_crop(truth, truth)
    low, high = 0.05 / 1.1, 1.05 / 1.1
    np.testing.assert_allclose(crop, [[low, low], [high, low], [high, high], [low, high]])
    moved = to_resized_crop(truth + (11, 22), truth) - crop
    np.testing.assert_allclose(moved, np.full((4, 2), 0.1))
    np.testing.assert_allclose(to_resized_crop(truth / 1000, truth / 1000), crop)


@pytest.mark.parametrize("extent", [(4.0, 0.0), (0.0, 4.0)])
def test_no_crop_is_cut_round_a_line(extent):
    line = np.linspace(0, 1, 5)[:, None] * extent
    with pytest.raises(ValueError, match="{} x {} pixels".format(*extent)):
        to_resized_crop(line, line)
