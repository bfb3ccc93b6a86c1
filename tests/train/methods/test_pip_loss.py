import keras
import numpy as np
import pytest

from landmarks.decode import OutputTensor, decode_pip
from landmarks.neighbours import neighbour_table
from train.methods.pip_loss import pip_loss
from train.methods.targets import PipTargets, encode_pip
from train.settings.teaching import PIPNET, PipTeaching

POINTS, NEIGHBOURS, GRID, FACES = 5, 2, 4, 3


@pytest.fixture
def points(rng):
    return rng.uniform(-0.1, 1.1, (FACES, POINTS, 2))


@pytest.fixture
def table(points):
    return neighbour_table(points[0], NEIGHBOURS)


@pytest.fixture
def targets(points, table):
    return encode_pip(points, GRID, table.indices)


def perfect_maps(targets):
    """Maps with the targets in the layout that ``landmarks.decode.decode_pip`` reads."""
    n, k = POINTS, NEIGHBOURS
    score = np.zeros((FACES, GRID * GRID, n), np.float32)
    offsets = np.zeros((FACES, GRID * GRID, 2, n), np.float32)
    votes = np.zeros((FACES, GRID * GRID, 2, n, k), np.float32)
    for face, cells in enumerate(targets.cell):
        for point, cell in enumerate(cells):
            score[face, cell, point] = 1
            offsets[face, cell, :, point] = targets.offsets[face, point]
            votes[face, cell, :, point] = targets.neighbours[face, point].T
    shape = (FACES, GRID, GRID, -1)
    return np.concatenate([part.reshape(shape) for part in (score, offsets, votes)], axis=-1)


def flat(maps):
    """The maps one after the other, as a method joins them."""
    n, k = POINTS, NEIGHBOURS
    parts = np.split(maps, [n, 3 * n], axis=-1)
    assert parts[2].shape[-1] == 2 * n * k
    return np.concatenate([part.reshape(len(maps), -1) for part in parts], 1).astype(np.float32)


def loss_of(table, targets, maps, teaching=PIPNET):
    loss = pip_loss(table, GRID, teaching)(targets.packed(), flat(maps))
    return float(keras.ops.convert_to_numpy(loss))


def spelled_out(targets, maps):
    """PIPNet's loss in loops."""
    n, k = POINTS, NEIGHBOURS
    score, offset_terms, vote_terms = 0.0, [], []
    for face in range(FACES):
        for point in range(n):
            cell = int(targets.cell[face, point])
            here = maps[face, cell // GRID, cell % GRID]
            for other in range(GRID * GRID):
                value = maps[face, other // GRID, other % GRID, point]
                score += (value - (other == cell)) ** 2
            for axis in (0, 1):
                true = targets.offsets[face, point, axis]
                offset_terms.append(abs(here[n + axis * n + point] - true))
                for j in range(k):
                    true = targets.neighbours[face, point, j, axis]
                    vote_terms.append(abs(here[3 * n + axis * n * k + k * point + j] - true))
    score /= FACES * GRID * GRID * n
    return 10 * score + 2 * np.mean(offset_terms) + 2 * np.mean(vote_terms)


def test_perfect_maps_have_no_loss(table, targets):
    assert loss_of(table, targets, perfect_maps(targets)) == pytest.approx(0, abs=1e-6)


def test_loss_is_that_of_pipnet(table, targets, rng):
    maps = rng.normal(0, 1, perfect_maps(targets).shape)
    assert loss_of(table, targets, maps) == pytest.approx(spelled_out(targets, maps), rel=1e-5)


def test_offsets_and_votes_of_other_cells_do_not_count(table, targets, rng):
    maps = perfect_maps(targets).reshape(FACES, GRID * GRID, -1)
    used = np.zeros(maps.shape[:2], bool)
    for face, cells in enumerate(targets.cell):
        used[face, cells] = True
    maps[~used, POINTS:] = rng.normal(0, 9, maps[~used, POINTS:].shape)
    assert loss_of(table, targets, maps.reshape(FACES, GRID, GRID, -1)) == pytest.approx(
        0, abs=1e-6
    )


def test_loss_of_a_batch_is_the_mean_over_its_faces(table, targets, rng):
    maps = rng.normal(0, 1, perfect_maps(targets).shape).astype(np.float32)
    loss = pip_loss(table, GRID)
    packed, predicted = targets.packed(), flat(maps)
    each = [float(loss(packed[i : i + 1], predicted[i : i + 1])) for i in range(FACES)]
    assert loss_of(table, targets, maps) == pytest.approx(np.mean(each), rel=1e-5)


def beside(targets):
    """The targets as they are seen from the cell to the right of the true one, or to its left."""
    column = targets.cell % GRID
    step = np.where(column < GRID - 1, 1, -1)
    away = np.stack([step, np.zeros_like(step)], axis=-1)
    return PipTargets(
        targets.cell + step, targets.offsets - away, targets.neighbours - away[:, :, None]
    )


def test_what_is_read_beside_the_true_cell_is_taught_there(table, targets, points):
    """Maps that say the truth from the next cell: right when read, and PIPNet does not ask."""
    elsewhere = beside(targets)
    maps = perfect_maps(elsewhere)
    score = 10 * 2 / GRID**2  # two cells of each landmark are wrong by 1
    read = loss_of(table, targets, maps, PipTeaching(at="read"))
    assert read == pytest.approx(score, abs=1e-5)
    assert loss_of(table, targets, maps) > score + 0.1
    for face in range(FACES):
        parts = np.split(maps[face].astype(np.float32), [POINTS, 3 * POINTS], axis=-1)
        found = decode_pip(*(OutputTensor(part) for part in parts), table).points_unit
        np.testing.assert_allclose(found, points[face], atol=1e-5)


def test_a_score_far_from_the_truth_does_not_move_what_is_taught(table, targets, rng):
    maps = perfect_maps(targets)
    far = (targets.cell + GRID * GRID // 2) % (GRID * GRID)  # two rows away
    for face, cells in enumerate(far):
        for point, cell in enumerate(cells):
            maps[face, cell // GRID, cell % GRID, point] = 2
    plain = loss_of(table, targets, maps)
    assert loss_of(table, targets, maps, PipTeaching(at="read")) == pytest.approx(plain)


def test_merged_error_is_that_of_the_decoded_points(table, targets, points, rng):
    maps = perfect_maps(targets)
    used = maps[..., POINTS:]
    used += rng.normal(0, 0.3, used.shape)
    plain = loss_of(table, targets, maps)
    errors = []
    for face in range(FACES):
        parts = np.split(maps[face].astype(np.float32), [POINTS, 3 * POINTS], axis=-1)
        found = decode_pip(*(OutputTensor(part) for part in parts), table).points_unit
        errors.append(np.abs(found - points[face]) * GRID)
    merged = loss_of(table, targets, maps, PipTeaching(merged=3.0))
    assert merged - plain == pytest.approx(3.0 * 2 * np.mean(errors), rel=1e-4)


@pytest.mark.parametrize("at", ["truth", "read"])
def test_box_without_a_face_is_taught_no_score_and_nothing_else(table, points, at, rng):
    points[:] = np.nan
    targets = encode_pip(points, GRID, table.indices)
    maps = rng.normal(0, 1, (FACES, GRID, GRID, POINTS * (3 + 2 * NEIGHBOURS)))
    expected = 10 * np.mean(np.square(maps[..., :POINTS]))
    loss = loss_of(table, targets, maps, PipTeaching(at, merged=2.0))
    assert loss == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("error", [0.01, 0.3, 0.62, 0.63, 2.0])
def test_wing_counts_errors_as_its_authors_do(table, targets, error):
    """Equation 5 of Feng et al. (CVPR 2018) for w = 10, epsilon = 2 and errors in pixels."""
    maps = perfect_maps(targets)
    maps[..., POINTS:] += error
    pixels, w, epsilon = 16 * error, 10.0, 2.0
    straight = pixels - (w - w * np.log(1 + w / epsilon))
    wing = w * np.log(1 + pixels / epsilon) if pixels < w else straight
    parts = 2 + 2 + 2 * 3.0  # x and y of a landmark's own place, of its votes and of their mean
    loss = loss_of(table, targets, maps, PipTeaching(merged=3.0, error="wing"))
    assert loss == pytest.approx(parts * 0.4 * wing / 16, rel=1e-4)


def test_an_error_of_epsilon_weighs_as_much_more_by_wing_as_by_its_size(table, targets):
    losses = []
    for error in (0.124, 0.126):
        maps = perfect_maps(targets)
        maps[..., POINTS:] += error
        losses.append(loss_of(table, targets, maps, PipTeaching(error="wing")))
    assert (losses[1] - losses[0]) / 0.002 == pytest.approx(4.0, rel=1e-2)
