import numpy as np
import pytest

from train.selftrain.pseudo_labels import PseudoLabels, load_labels, save_labels


@pytest.fixture
def labels(rng):
    disagreement = np.array([0.01, 0.02, 0.03, 0.3], np.float32)
    return PseudoLabels(rng.normal(size=(4, 68, 2)).astype(np.float32), disagreement)


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
