from dataclasses import replace

import keras
import numpy as np
import pytest
from keras import layers

from landmarks.card import PipHead, as_points
from landmarks.schemes import IBUG68
from train.preparation.prepared import PreparedData, PreparedInfo
from train.selftrain.pool import FacePool
from train.selftrain.pseudo_labels import PseudoLabels, label_faces, load_labels, save_labels


@pytest.fixture
def labels(rng):
    disagreement = np.array([0.01, 0.02, 0.03, 0.3], np.float32)
    return PseudoLabels(rng.normal(size=(4, 68, 2)).astype(np.float32), disagreement)


@pytest.fixture
def pool(rng):
    """Eight unlabelled faces of noise, no two cells of which are equally bright."""
    info = PreparedInfo("noise", "all", None, 0, 64, 1.6, (), "")
    crops = rng.integers(0, 256, (8, 64, 64, 3), np.uint8)
    labelled = PreparedData(info, crops[:0], np.zeros((0, 68, 2), np.float32))
    return FacePool(labelled, (replace(labelled, info=replace(info, n=8), crops=crops),))


@pytest.fixture
def brightest_cell():
    """A network that sees all landmarks in the middle of the brightest of 4 x 4 cells."""
    image = keras.Input((32, 32, 3))
    cells = layers.AveragePooling2D(8)(image)
    score = layers.Conv2D(68, 1, kernel_initializer="ones")(cells)
    middle = keras.initializers.Constant(0.5)
    offsets = layers.Conv2D(136, 1, kernel_initializer="zeros", bias_initializer=middle)(cells)
    return keras.Model(image, {"score": score, "offsets": offsets})


def test_a_network_that_sees_the_same_in_a_mirrored_face_agrees_with_itself(
    brightest_cell, pool, face68
):
    head = PipHead(grid=4, k=0, mean_face=as_points(face68))
    labels = label_faces(brightest_cell, head, pool, IBUG68, crop_scale=1.25)
    assert len(np.unique(labels.points_crop[:, 0], axis=0)) > 1, "faces differ"
    np.testing.assert_array_equal(labels.disagreement, 0)


def test_faces_count_the_less_the_more_their_mirror_image_disagrees(labels):
    weights = labels.weights()
    assert weights[0] > weights[1] > weights[2] > weights[3]
    assert weights[3] < 1e-6
    assert weights.max() <= 1


def test_full_disk_is_named_and_keeps_the_labels_before(labels, tmp_path, file_size_limit):
    path = tmp_path / "labels.npz"
    save_labels(path, labels)
    before = path.read_bytes()
    with file_size_limit(500), pytest.raises(OSError, match="File too large.*labels.npz"):
        save_labels(path, labels)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_labels_survive_the_disk(labels, tmp_path):
    save_labels(tmp_path / "labels.npz", labels)
    again = load_labels(tmp_path / "labels.npz")
    np.testing.assert_array_equal(again.points_crop, labels.points_crop)
    np.testing.assert_array_equal(again.disagreement, labels.disagreement)
