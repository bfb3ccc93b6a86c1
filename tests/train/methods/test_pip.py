import keras
import numpy as np
import pytest

from landmarks.card import PipHead, as_points
from landmarks.neighbours import neighbour_table
from landmarks.shape import fit_shape_model
from train.methods.method import LabelBatch
from train.methods.pip import assisted_pip_task, pip_head_of, pip_task
from train.methods.targets import encode_pip
from train.models.backbones import pixels
from train.models.pip_head import pip_head

GRID, FACES = 8, 3


@pytest.fixture
def shapes(face68, rng):
    return (face68 * 0.8 + 0.1 + rng.normal(0, 0.02, (30, 68, 2))).astype(np.float32)


def batch(points, epoch=0):
    return LabelBatch(points, np.arange(len(points)), epoch)


def value(loss):
    return float(keras.ops.convert_to_numpy(loss))


@pytest.mark.parametrize("k", [0, 4])
def test_head_says_what_the_maps_of_the_network_are(k, shapes):
    image, x = pixels(64)
    network = keras.Model(image, pip_head(keras.layers.Conv2D(4, 8, 8)(x), 68, k))
    face = shapes.mean(axis=0)
    head = pip_head_of(network, face, "padded")
    assert (head.grid, head.k, head.merge) == (GRID, k, "padded")
    task = pip_task(head, face)
    assert task.outputs == tuple(network.output)
    assert task.targets(batch(shapes[:2])).shape == (2, task.target_size)


@pytest.mark.parametrize("k", [0, 4])
def test_assistance_pulls_to_the_face_of_the_shape_model(shapes, k):
    """Maps that say where its landmarks lie, seen from the true cells, have no loss."""
    mean = shapes.mean(axis=0)
    head = PipHead(grid=GRID, k=k, mean_face=as_points(mean))
    model = fit_shape_model(shapes, 50)
    task = assisted_pip_task(head, mean, model, epochs=3)
    truth = task.targets(batch(shapes[:FACES]))
    table = neighbour_table(mean, k)
    smooth = model.project(shapes[:FACES]) * GRID
    cell = encode_pip(shapes[:FACES], GRID, table.indices).cell
    corner = np.stack([cell % GRID, cell // GRID], axis=-1)  # (B, L, 2)
    offsets = np.zeros((FACES, GRID * GRID, 2, 68), np.float32)
    votes = np.zeros((FACES, GRID * GRID, 2, 68, k), np.float32)
    for face in range(FACES):
        for point in range(68):
            here, own = cell[face, point], corner[face, point]
            offsets[face, here, :, point] = smooth[face, point] - own
            votes[face, here, :, point] = (smooth[face, table.indices[point]] - own).T
    maps = np.concatenate([offsets.reshape(FACES, -1), votes.reshape(FACES, -1)], axis=1)
    assert value(task.loss(truth, maps)) == pytest.approx(0, abs=1e-5)
    maps[:, : offsets[0].size] += 0.25
    for epoch, weight in ((0, 2.0), (1, 1.0), (2, 0.5)):
        truth = task.targets(batch(shapes[:FACES], epoch))
        assert value(task.loss(truth, maps)) == pytest.approx(weight * 2 * 0.25, rel=1e-4)


def test_assistance_leaves_out_boxes_without_a_face(shapes, rng):
    mean = shapes.mean(axis=0)
    head = PipHead(grid=GRID, k=4, mean_face=as_points(mean))
    task = assisted_pip_task(head, mean, fit_shape_model(shapes, 50), epochs=3)
    maps = rng.normal(0, 1, (FACES, GRID * GRID * 68 * 2 * 5)).astype(np.float32)
    assert value(task.loss(task.targets(batch(np.full_like(shapes[:FACES], np.nan))), maps)) == 0
