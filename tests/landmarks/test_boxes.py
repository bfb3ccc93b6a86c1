import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from landmarks.boxes import Box, BoxConvention, face_box, intersection_over_union, tight_box

coordinates = st.floats(-1000, 1000)
sides = st.floats(0, 500)


@st.composite
def boxes(draw, least_side=0.0):
    x, y = draw(coordinates), draw(coordinates)
    width, height = draw(st.floats(least_side, 500)), draw(st.floats(least_side, 500))
    return Box(x, y, x + width, y + height)


def test_tight_box_touches_the_outermost_points():
    assert tight_box(np.array([[3.0, 9.0], [1.0, 4.0], [2.0, 5.0]])) == Box(1, 4, 3, 9)


@given(st.integers(0, 2**32 - 1))
def test_face_box_is_the_square_round_the_tight_box(seed):
    points = np.random.default_rng(seed).normal(size=(68, 2)) * (40, 90) + 200
    tight, square = tight_box(points), face_box(points)
    assert square.width == pytest.approx(square.height)
    assert square.width == pytest.approx(max(tight.width, tight.height))
    assert square.centre == pytest.approx(tight.centre)


def test_points_of_the_wrong_shape_are_refused():
    with pytest.raises(ValueError, match="shape"):
        tight_box(np.zeros(136))


@pytest.mark.parametrize("edges", [(2, 0, 1, 5), (0, 5, 3, 4)])
def test_box_with_swapped_edges_is_refused(edges):
    with pytest.raises(ValueError, match="x0 <= x1"):
        Box(*edges)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_box_with_an_edge_that_is_no_number_is_refused(bad):
    with pytest.raises(ValueError, match="finite"):
        Box(0, 0, bad, 1)


def test_face_box_of_points_that_are_no_numbers_is_refused():
    with pytest.raises(ValueError, match="finite"):
        face_box(np.full((68, 2), np.nan))


@given(coordinates, coordinates, sides)
def test_box_from_its_centre_has_that_centre_and_side(x, y, side):
    box = Box.from_centre((x, y), side)
    assert box.centre == pytest.approx((x, y), abs=1e-9)
    assert (box.width, box.height) == pytest.approx((side, side), abs=1e-9)


@given(boxes())
def test_neutral_convention_keeps_centre_and_area(box):
    canonical = BoxConvention(0, 0, 1).to_canonical(box)
    assert canonical.centre == pytest.approx(box.centre, abs=1e-6)
    assert canonical.area == pytest.approx(box.area, abs=1e-3)


def test_convention_moves_in_units_of_the_foreign_box():
    canonical = BoxConvention(dx=0.1, dy=0.2, scale=0.5).to_canonical(Box(0, 0, 100, 100))
    assert canonical.centre == pytest.approx((60, 70))
    assert canonical.width == pytest.approx(50)


@given(boxes(least_side=0.1))
def test_box_overlaps_itself_entirely(box):
    assert intersection_over_union(box, box) == pytest.approx(1)


@given(boxes(), boxes())
def test_overlap_is_symmetric_and_between_zero_and_one(a, b):
    overlap = intersection_over_union(a, b)
    assert overlap == intersection_over_union(b, a)
    assert 0 <= overlap <= 1 + 1e-9


def test_boxes_that_only_touch_do_not_overlap():
    assert intersection_over_union(Box(0, 0, 1, 1), Box(1, 0, 2, 1)) == 0


def test_half_shifted_squares_overlap_by_a_third():
    assert intersection_over_union(Box(0, 0, 2, 2), Box(1, 0, 3, 2)) == pytest.approx(1 / 3)


def test_two_empty_boxes_do_not_overlap():
    assert intersection_over_union(Box(1, 1, 1, 1), Box(1, 1, 1, 1)) == 0


def test_box_of_a_resized_picture_covers_the_same_pixels():
    box = Box(-0.5, 3.5, 9.5, 7.5)  # columns 0 to 9, rows 4 to 7
    assert box.resized(2, 3) == Box(-0.5, 11.5, 19.5, 23.5)
