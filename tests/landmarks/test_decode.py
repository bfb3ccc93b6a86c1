import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from landmarks.decode import OutputTensor, decode_pip, decode_pose, decode_regression
from landmarks.neighbours import neighbour_table
from train.methods.targets import encode_pip

POINTS, NEIGHBOURS = 12, 4
MEAN_FACE = np.random.default_rng(5).uniform(0.1, 0.9, (POINTS, 2))
TABLE = neighbour_table(MEAN_FACE, NEIGHBOURS)


def maps_of(points_unit, grid, table=TABLE):
    """The float maps of a network that has learnt its targets perfectly."""
    targets = encode_pip(points_unit[None], grid, table.indices)
    n, k = table.indices.shape
    score = np.zeros((grid * grid, n), np.float32)
    offsets = np.zeros((grid * grid, 2, n), np.float32)
    votes = np.zeros((grid * grid, 2, n, k), np.float32)
    for point, cell in enumerate(targets.cell[0]):
        score[cell, point] = 1
        offsets[cell, :, point] = targets.offsets[0, point]
        votes[cell, :, point] = targets.neighbours[0, point].T
    return tuple(part.reshape(grid, grid, -1) for part in (score, offsets, votes))


def decode(maps, table=TABLE):
    return decode_pip(*(OutputTensor(part) for part in maps), table)


def quantized(values):
    """Asymmetric int8 over the range of the values, as a converter chooses it."""
    low, high = min(values.min(), 0), max(values.max(), 0)
    scale = (high - low) / 255 or 1.0
    zero_point = round(-128 - low / scale)
    steps = np.clip(np.rint(values / scale) + zero_point, -128, 127).astype(np.int8)
    return OutputTensor(steps, float(scale), int(zero_point))


@pytest.mark.parametrize("merge", ["exact", "padded"])
@pytest.mark.parametrize("grid", [4, 8, 16])
@given(st.integers(0, 2**32 - 1))
def test_decoding_what_was_encoded_is_exact(merge, grid, seed):
    points = np.random.default_rng(seed).uniform(0, 1, (POINTS, 2))
    table = neighbour_table(MEAN_FACE, NEIGHBOURS, merge)
    face = decode(maps_of(points, grid, table), table)
    np.testing.assert_allclose(face.points_unit, points, atol=1e-6)
    assert face.points_unit.dtype == np.float32
    assert face.presence == 1


@pytest.mark.parametrize("grid", [4, 8])
def test_points_on_the_borders_of_cells_are_exact(grid):
    border = np.arange(grid) / grid
    xs = np.resize(border, POINTS)
    points = np.stack([xs, xs[::-1]], axis=1)
    np.testing.assert_allclose(decode(maps_of(points, grid)).points_unit, points, atol=1e-6)


def test_points_outside_the_crop_are_exact():
    points = np.random.default_rng(3).uniform(-0.4, 1.4, (POINTS, 2))
    np.testing.assert_allclose(decode(maps_of(points, 8)).points_unit, points, atol=1e-6)


@given(st.integers(0, 2**32 - 1))
def test_int8_maps_decode_close_to_float_maps(seed):
    points = np.random.default_rng(seed).uniform(0, 1, (POINTS, 2))
    maps = maps_of(points, 8)
    tensors = [quantized(part) for part in maps]
    face = decode_pip(*tensors, TABLE)
    worst_step = max(tensors[1].scale, tensors[2].scale)
    np.testing.assert_allclose(face.points_unit, points, atol=worst_step / 2 / 8 + 1e-6)
    assert face.presence == pytest.approx(1, abs=0.01)


def test_two_points_merge_own_offset_and_vote():
    table = neighbour_table(np.array([[0.3, 0.3], [0.6, 0.6]]), 1)
    score = np.zeros((4, 4, 2), np.float32)
    score[1, 2, 0] = score[3, 0, 1] = 1  # rows are y: cells (2, 1) and (0, 3)
    offsets = np.zeros((4, 4, 4), np.float32)
    offsets[1, 2] = (0.3, 9, 0.8, 9)  # x of both points, then y of both
    offsets[3, 0] = (9, 0.5, 9, 0.25)
    votes = np.zeros((4, 4, 4), np.float32)
    votes[1, 2] = (1.8, 9, 0.7, 9)  # of point 0 for point 1
    votes[3, 0] = (9, 2.1, 9, -1.4)  # of point 1 for point 0
    face = decode((score, offsets, votes), table)
    own, vote = np.array([[2.3, 1.8], [0.5, 3.25]]), np.array([[2.1, 1.6], [3.8, 1.7]])
    np.testing.assert_allclose(face.points_unit, (own + vote) / 2 / 4, atol=1e-6)


def test_head_without_neighbours_gives_each_landmark_its_own_place():
    table = neighbour_table(MEAN_FACE, 0)
    score, offsets, _ = (OutputTensor(part) for part in maps_of(MEAN_FACE, 8, table))
    face = decode_pip(score, offsets, None, table)
    np.testing.assert_allclose(face.points_unit, MEAN_FACE, atol=1e-6)


def test_last_landmark_that_nobody_votes_for_keeps_its_own_place():
    points = np.array([[0.2, 0.2], [0.3, 0.3], [0.9, 0.9]])
    table = neighbour_table(points, 1)
    assert 2 not in table.indices
    np.testing.assert_allclose(decode(maps_of(points, 8, table), table).points_unit, points)


def test_first_cell_in_reading_order_wins_a_tie():
    table = neighbour_table(np.array([[0.3, 0.3], [0.6, 0.6]]), 1)
    score = np.full((2, 2, 2), 0.5, np.float32)
    zeros = np.zeros((2, 2, 4), np.float32)
    face = decode((score, zeros, zeros), table)
    np.testing.assert_array_equal(face.points_unit, np.zeros((2, 2)))
    assert face.presence == 0.5


@pytest.mark.parametrize("cell", [(0, 0), (0, 7), (7, 0), (7, 7)])
def test_highest_score_in_a_corner_cell_is_found(cell):
    row, column = cell
    score = np.zeros((8, 8, POINTS), np.float32)
    score[row, column] = 1
    offsets = np.full((8, 8, 2 * POINTS), 0.5, np.float32)
    votes = np.full((8, 8, 2 * POINTS * NEIGHBOURS), 0.5, np.float32)
    face = decode((score, offsets, votes))
    expected = np.full((POINTS, 2), ((column + 0.5) / 8, (row + 0.5) / 8))
    np.testing.assert_allclose(face.points_unit, expected, atol=1e-6)


@pytest.mark.parametrize(("score", "presence"), [(-0.3, 0), (0, 0), (0.4, 0.4), (1.7, 1)])
def test_presence_is_the_mean_best_score_between_zero_and_one(score, presence):
    maps = maps_of(MEAN_FACE, 8)
    maps = (np.full_like(maps[0], score), *maps[1:])
    assert decode(maps).presence == pytest.approx(presence, abs=1e-6)


@pytest.mark.parametrize("wrong", [0, 1, 2])
def test_maps_that_do_not_fit_together_are_refused(wrong):
    maps = list(maps_of(MEAN_FACE, 8))
    maps[wrong] = maps[wrong][..., :-1]
    with pytest.raises(ValueError, match="PIP maps"):
        decode(maps)


def test_maps_of_another_scheme_are_refused(face68):
    with pytest.raises(ValueError, match="PIP maps"):
        decode(maps_of(MEAN_FACE, 8), neighbour_table(face68, NEIGHBOURS))


def test_output_tensor_gives_real_numbers():
    tensor = OutputTensor(np.array([-128, 0, 127], np.int8), scale=0.5, zero_point=-28)
    np.testing.assert_allclose(tensor.real(), [-50, 14, 77.5])
    assert tensor.real().dtype == np.float32
    np.testing.assert_allclose(tensor.real(tensor.values[1:2]), [14])


def test_regression_of_zero_is_the_mean_face(face68):
    face = decode_regression(OutputTensor(np.zeros(136, np.float32)), face68, np.ones((68, 2)))
    np.testing.assert_allclose(face.points_unit, face68)
    assert face.points_unit.dtype == np.float32
    assert face.presence == 1


@given(st.integers(0, 2**32 - 1))
def test_standardised_points_are_decoded_exactly(seed):
    rng = np.random.default_rng(seed)
    mean, points = rng.uniform(0, 1, (2, 68, 2))
    scale = rng.uniform(0.01, 0.2, (68, 2))
    vector = ((points - mean) / scale).ravel().astype(np.float32)
    face = decode_regression(OutputTensor(vector), mean, scale)
    np.testing.assert_allclose(face.points_unit, points, atol=1e-5)


def test_int8_regression_is_decoded_with_its_scale(face68):
    vector = OutputTensor(np.full(136, 10, np.int8), scale=0.1, zero_point=-10)
    face = decode_regression(vector, face68, np.full((68, 2), 0.05))
    np.testing.assert_allclose(face.points_unit, face68 + 0.1, atol=1e-6)


@pytest.mark.parametrize("length", [135, 196])
def test_regression_vector_of_the_wrong_length_is_refused(face68, length):
    with pytest.raises(ValueError, match="vector of 136"):
        decode_regression(OutputTensor(np.zeros(length, np.float32)), face68, np.ones((68, 2)))


def test_quantized_pose_is_decoded_in_degrees():
    pose = OutputTensor(np.array([30, -10, 5], np.int8), scale=0.02, zero_point=5)
    np.testing.assert_allclose(decode_pose(pose), [45, -27, 0], atol=1e-4)


def test_pose_of_another_shape_is_refused():
    with pytest.raises(ValueError, match=r"\(3,\)"):
        decode_pose(OutputTensor(np.zeros((1, 3), np.float32)))
