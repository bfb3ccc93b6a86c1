import keras
import numpy as np
import pytest

from landmarks.card import PipHead, as_points
from landmarks.errors import UsageError
from train.methods.method import LabelBatch
from train.methods.pip_loss import pip_loss
from train.methods.targets import encode_pip
from train.models.backbones import pixels
from train.models.pip_head import pip_head
from train.selftrain.curriculum import COARSE, COUNTS, curriculum_task, with_coarse_scores

L, K, GRID, FACES = 6, 2, 8, 5


@pytest.fixture
def head(rng):
    return PipHead(grid=GRID, k=K, mean_face=as_points(rng.uniform(0, 1, (L, 2))))


@pytest.fixture
def points(rng):
    return rng.uniform(0.02, 0.98, (FACES, L, 2)).astype(np.float32)


@pytest.fixture
def maps(rng):
    """Joined outputs: score, offsets, neighbours, and scores of half and a quarter of the side."""
    cells = (GRID**2 * L * (3 + 2 * K), (GRID // 2) ** 2 * L, (GRID // 4) ** 2 * L)
    return rng.normal(0, 0.5, (FACES, sum(cells))).astype(np.float32)


def loss_of(head, points, counts, maps):
    task = curriculum_task(head)
    counts = np.asarray(counts, np.float32)
    truth = task.targets(LabelBatch(points, np.arange(len(points)), 0, counts))
    assert truth.shape == (len(points), task.target_size)
    return float(keras.ops.convert_to_numpy(task.loss(truth, maps)))


def coarse_score(points, maps, divisor):
    """Squared errors of a coarse score map, spelled out: 1 where the landmark is, 0 elsewhere."""
    side = GRID // divisor
    full = GRID**2 * L * (3 + 2 * K)
    start = full if divisor == 2 else full + (GRID // 2) ** 2 * L
    errors = []
    for face, values in enumerate(maps[:, start : start + side * side * L]):
        truth = np.zeros((side, side, L))
        for landmark, (x, y) in enumerate(points[face]):
            truth[int(y * side), int(x * side), landmark] = 1
        errors.append((values.reshape(side, side, L) - truth) ** 2)
    return 10 * float(np.mean(errors))


def test_labelled_faces_alone_have_the_plain_pip_loss(head, points, maps, rng):
    from landmarks.neighbours import neighbour_table

    table = neighbour_table(np.asarray(head.mean_face, np.float32), K)
    packed = encode_pip(points, GRID, table.indices).packed()
    plain = pip_loss(table, GRID)(packed, maps[:, : GRID**2 * L * (3 + 2 * K)])
    loss = loss_of(head, points, [COUNTS["std"]] * FACES, maps)
    assert loss == pytest.approx(float(keras.ops.convert_to_numpy(plain)), rel=1e-5)


@pytest.mark.parametrize(("task", "divisor"), [("cls2", 2), ("cls3", 4)])
def test_coarse_task_is_the_score_of_its_map_alone(head, points, maps, task, divisor):
    loss = loss_of(head, points, [COUNTS[task]] * FACES, maps)
    assert loss == pytest.approx(coarse_score(points, maps, divisor), rel=1e-5)


def test_score_errors_are_divided_by_all_cells_that_count(head, points, maps):
    """A cls3 face has 4 cells for each landmark, a std face 64 (released ``functions_gssl.py``)."""
    only = [COUNTS["cls1"]] + [(0.0,) * 4] * (FACES - 1)
    mixed = [COUNTS["cls1"], COUNTS["cls3"]] + [(0.0,) * 4] * (FACES - 2)
    full = loss_of(head, points, only, maps)
    quarter = coarse_score(points[1:2], maps[1:2], 4)
    expected = (64 * full + 4 * quarter) / 68
    assert loss_of(head, points, mixed, maps) == pytest.approx(expected, rel=1e-5)


def test_weight_of_a_face_scales_its_part(head, points, maps):
    rows = np.float32([COUNTS["std"]] * FACES)
    rows[1:] *= 1e-6
    alone = loss_of(head, points[:1], rows[:1], maps[:1])
    assert loss_of(head, points, rows, maps) == pytest.approx(alone, rel=1e-3)


@pytest.fixture
def network():
    image, x = pixels(64)
    x = keras.layers.Conv2D(4, 8, 8, name="features")(x)
    return keras.Model(image, pip_head(x, L, K))


def test_coarse_scores_share_the_score_convolution(network, rng):
    coarse = with_coarse_scores(network)
    assert [coarse.output[name].shape[1:3] for name in COARSE] == [(4, 4), (2, 2)]
    assert coarse.count_params() == network.count_params()
    images = rng.integers(0, 256, (2, 64, 64, 3), np.uint8)
    outputs = {n: keras.ops.convert_to_numpy(v) for n, v in coarse(images).items()}
    inner = keras.Model(network.input, network.get_layer("features").output)
    features = keras.ops.convert_to_numpy(inner(images))
    pooled = features.reshape(2, 4, 2, 4, 2, 4).max(axis=(2, 4))
    kernel, bias = network.get_layer("score").get_weights()
    np.testing.assert_allclose(outputs["score_half"], pooled @ kernel[0, 0] + bias, atol=1e-5)


def test_grid_that_cannot_be_halved_twice_is_refused():
    image, x = pixels(48)
    network = keras.Model(image, pip_head(keras.layers.Conv2D(4, 8, 8)(x), L, K))
    with pytest.raises(UsageError, match="multiple of 4"):
        with_coarse_scores(network)
