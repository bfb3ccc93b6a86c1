import numpy as np
import pytest

from landmarks.canonical_face import canonical_face
from landmarks.errors import DatasetError
from tests.train.pose_augmentation.conftest import write_face
from train.pose_augmentation.face_model import LANDMARK_FILE, MODEL_FILE, read_face_model


def test_axes_and_unit_are_those_of_the_pose(model):
    np.testing.assert_allclose(model.neutral[model.landmarks], canonical_face(), atol=1e-3)


def test_weights_move_the_vertices_by_their_offsets(small_model):
    weights = np.array([1.0, 0.0, 0.0])
    wider = small_model.neutral * np.float32([1.1, 1, 1])
    np.testing.assert_allclose(small_model.shape(weights), wider, atol=1e-3)
    some = np.array([5, 9])
    np.testing.assert_allclose(small_model.shape(weights, some), wider[some], atol=1e-3)


def test_cheek_rays_end_at_the_jaw_where_the_rays_to_its_angle_begin(model):
    np.testing.assert_array_equal(model.cheek_rays[:, -1], model.landmarks[:17])
    np.testing.assert_array_equal(model.back_rays[:, 0], model.landmarks[:17])
    middle = np.abs(model.neutral[model.cheek_rays[:4], 0])
    assert (middle[:, 0] < 0.6 * middle[:, -1]).all()
    back = model.neutral[model.back_rays[1:4], 2]
    assert (back[:, -1] > back[:, 0]).all()


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(DatasetError, match=f"no morphable face \\({MODEL_FILE} is missing\\)"):
        read_face_model(tmp_path)


def test_a_damaged_file_is_named(face_arrays, tmp_path):
    folder = write_face(tmp_path, face_arrays)
    whole = (folder / MODEL_FILE).read_bytes()
    (folder / MODEL_FILE).write_bytes(whole[: len(whole) // 2])
    with pytest.raises(DatasetError, match="damaged morphable face"):
        read_face_model(folder)


@pytest.mark.parametrize(
    ("name", "change", "message"),
    [
        ("neutral", lambda a: a[:, :2], r"neutral of shape \(3728, 2\), expected \(v, 3\)"),
        ("faces", lambda a: a[:, :3], r"faces of shape .*, expected \(q, 4\)"),
        ("identity", lambda a: a[:, :-1], r"identity of shape .*, expected \(i, 3728, 3\)"),
        ("landmarks", lambda a: a[:51], rf"{LANDMARK_FILE} of shape \(51,\), expected \(68,\)"),
        ("landmarks", lambda a: a + 3700, rf"{LANDMARK_FILE} must hold vertices 0 to 3727"),
        ("faces", lambda a: a.astype(float), "faces must hold vertices"),
    ],
)
def test_wrong_arrays_are_named(face_arrays, tmp_path, name, change, message):
    folder = write_face(tmp_path, {**face_arrays, name: change(face_arrays[name])})
    with pytest.raises(DatasetError, match=message):
        read_face_model(folder)
