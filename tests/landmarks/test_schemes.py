import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from landmarks.schemes import (
    IBUG68,
    SCHEMES,
    WFLW98,
    get_scheme,
    mirror_indices,
    wflw98_to_68,
)

every_scheme = pytest.mark.parametrize("scheme", SCHEMES.values(), ids=SCHEMES.keys())


@every_scheme
def test_name_tells_the_number_of_points(scheme):
    assert scheme.name.endswith(f"-{scheme.n_points}")
    assert get_scheme(scheme.name) is scheme


@every_scheme
def test_mirroring_twice_is_the_identity(scheme):
    mirror = mirror_indices(scheme)
    assert mirror[mirror].tolist() == list(range(scheme.n_points))


@every_scheme
def test_regions_hold_every_point_once(scheme):
    indices = [i for region in scheme.regions.values() for i in region]
    assert sorted(indices) == list(range(scheme.n_points))


@every_scheme
def test_mirror_keeps_every_point_in_its_region(scheme):
    for region in scheme.regions.values():
        assert {scheme.mirror[i] for i in region} == set(region)


@every_scheme
def test_mirror_swaps_the_eye_corners(scheme):
    left, right = scheme.eye_corners
    assert scheme.mirror[left] == right


@every_scheme
def test_mirror_swaps_the_pupils(scheme):
    left, right = scheme.pupils
    assert {scheme.mirror[i] for i in left} == set(right)


@every_scheme
def test_point_names_are_unique(scheme):
    assert len(set(scheme.point_names)) == scheme.n_points
    assert all(scheme.point_names)


def test_points_are_named_by_region_and_place():
    assert IBUG68.point_names[0] == "contour_0"
    assert IBUG68.point_names[36] == "eyes_0"


def test_symmetric_face_is_its_own_mirror_image(face68):
    np.testing.assert_allclose(IBUG68.mirrored(face68, width=2), face68, atol=1e-6)


@given(st.integers(1, 4000), st.integers(0, 2**32 - 1))
def test_points_mirrored_twice_are_unchanged(width, seed):
    points = np.random.default_rng(seed).uniform(0, width, (2, 68, 2)).astype(np.float32)
    twice = IBUG68.mirrored(IBUG68.mirrored(points, width), width)
    np.testing.assert_allclose(twice, points, atol=1e-3)


def test_mirror_of_the_first_pixel_column_is_the_last():
    points = np.zeros((68, 2), np.float32)
    assert (IBUG68.mirrored(points, width=100)[:, 0] == 99).all()


def test_mirroring_leaves_its_input_alone(face68):
    before = face68.copy()
    IBUG68.mirrored(face68, width=2)
    np.testing.assert_array_equal(face68, before)


def test_wrong_number_of_points_is_refused():
    with pytest.raises(ValueError, match="68"):
        IBUG68.mirrored(np.zeros((98, 2)), width=10)


def test_unknown_scheme_is_refused_with_the_list_of_schemes():
    with pytest.raises(ValueError, match="300w-68, wflw-98"):
        get_scheme("300w-67")


@given(st.floats(-5, 5), st.floats(-5, 5))
def test_conversion_of_a_constant_shape_is_the_constant(x, y):
    shape = np.full((98, 2), (x, y))
    np.testing.assert_allclose(wflw98_to_68(shape), np.full((68, 2), (x, y)), atol=1e-5)


@pytest.mark.parametrize(
    ("target", "source"),
    [(0, 0), (8, 16), (16, 32), (17, 33), (26, 46), (27, 51), (30, 54), (33, 57)]
    + [(36, 60), (39, 64), (42, 68), (45, 72), (48, 76), (54, 82), (60, 88), (67, 95)],
)
def test_conversion_copies_the_points_both_schemes_have(rng, target, source):
    wflw = rng.normal(size=(98, 2))
    np.testing.assert_allclose(wflw98_to_68(wflw)[target], wflw[source], rtol=1e-6)


@pytest.mark.parametrize(
    ("target", "upper", "lower"),
    [(18, 34, 41), (19, 35, 40), (20, 36, 39), (21, 37, 38)]
    + [(22, 42, 50), (23, 43, 49), (24, 44, 48), (25, 45, 47)],
)
def test_conversion_averages_brows_in_y_alone(rng, target, upper, lower):
    wflw = rng.normal(size=(98, 2))
    expected = wflw[upper, 0], (wflw[upper, 1] + wflw[lower, 1]) / 2
    np.testing.assert_allclose(wflw98_to_68(wflw)[target], expected, rtol=1e-5)


@pytest.mark.parametrize(("target", "near"), [(37, 61), (38, 63), (40, 65), (41, 67)])
def test_conversion_puts_lids_a_third_towards_the_middle(rng, target, near):
    wflw = rng.normal(size=(98, 2))
    middle = wflw[62] if target < 39 else wflw[66]
    np.testing.assert_allclose(wflw98_to_68(wflw)[target], (2 * wflw[near] + middle) / 3, rtol=1e-5)


def test_conversion_and_mirror_commute(rng):
    wflw = rng.normal(size=(3, 98, 2)).astype(np.float32)
    np.testing.assert_allclose(
        wflw98_to_68(WFLW98.mirrored(wflw, width=2)),
        IBUG68.mirrored(wflw98_to_68(wflw), width=2),
        atol=1e-5,
    )


def test_conversion_refuses_another_scheme():
    with pytest.raises(ValueError, match="98"):
        wflw98_to_68(np.zeros((68, 2)))
