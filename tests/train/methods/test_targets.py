import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from landmarks.neighbours import nearest_neighbours
from train.methods.targets import encode_pip


def test_offsets_are_the_fractions_within_the_cell():
    """The worked example of articles on PIPNet: a point at 0.3/0.8 of its cell."""
    points = np.array([[[2.3, 4.8], [3.8, 4.7]]]) / 8
    targets = encode_pip(points, 8, np.array([[1], [0]]))
    assert targets.cell.tolist() == [[4 * 8 + 2, 4 * 8 + 3]]
    np.testing.assert_allclose(targets.offsets[0, 0], (0.3, 0.8), atol=1e-6)
    np.testing.assert_allclose(targets.neighbours[0, 0, 0], (1.8, 0.7), atol=1e-6)
    np.testing.assert_allclose(targets.neighbours[0, 1, 0], (-0.7, 0.8), atol=1e-6)


@given(st.integers(0, 2**32 - 1), st.sampled_from([4, 8, 16]))
def test_points_inside_have_offsets_from_zero_to_one(seed, grid):
    points = np.random.default_rng(seed).uniform(0, 1, (3, 12, 2))
    targets = encode_pip(points, grid, nearest_neighbours(points[0], 4))
    assert targets.offsets.min() >= 0
    assert targets.offsets.max() <= 1
    corner = np.stack([targets.cell % grid, targets.cell // grid], axis=-1)
    np.testing.assert_allclose((corner + targets.offsets) / grid, points, atol=1e-6)


def test_points_outside_belong_to_the_nearest_cell():
    points = np.array([[[-0.25, 0.5], [1.5, 1.25], [1.0, 0.0]]])
    targets = encode_pip(points, 4, np.array([[1], [2], [0]]))
    assert targets.cell.tolist() == [[2 * 4 + 0, 3 * 4 + 3, 3]]
    np.testing.assert_allclose(targets.offsets, [[[-1, 0], [3, 2], [1, 0]]])


def test_point_on_a_border_belongs_to_the_later_cell():
    targets = encode_pip(np.array([[[0.25, 0.5], [0.0, 0.0]]]), 4, np.array([[1], [0]]))
    assert targets.cell.tolist() == [[2 * 4 + 1, 0]]
    np.testing.assert_array_equal(targets.offsets, np.zeros((1, 2, 2)))


def test_packed_targets_hold_cell_offsets_and_neighbours(rng):
    points = rng.uniform(0, 1, (2, 12, 2))
    targets = encode_pip(points, 8, nearest_neighbours(points[0], 4))
    packed = targets.packed()
    assert packed.shape == (2, 12 * (3 + 2 * 4))
    assert packed.dtype == np.float32
    packed = packed.reshape(2, 12, 3 + 2 * 4)
    np.testing.assert_array_equal(packed.reshape(2, 12, 11)[..., 0], targets.cell)
    np.testing.assert_array_equal(packed[..., 1:3], targets.offsets)
    np.testing.assert_array_equal(packed[..., 3:].reshape(2, 12, 4, 2), targets.neighbours)


def test_points_of_another_scheme_are_refused(face68):
    with pytest.raises(ValueError, match="68"):
        encode_pip(np.zeros((1, 98, 2)), 8, nearest_neighbours(face68, 10))


def test_points_that_are_no_numbers_are_a_box_without_a_face(rng):
    points = rng.uniform(0, 1, (3, 5, 2))
    table = nearest_neighbours(points[0], 2)
    alone = encode_pip(points, 4, table)
    points[1] = np.nan
    targets = encode_pip(points, 4, table)
    assert (targets.cell[1] == -1).all()
    assert not targets.offsets[1].any() and not targets.neighbours[1].any()
    np.testing.assert_array_equal(targets.packed()[[0, 2]], alone.packed()[[0, 2]])
