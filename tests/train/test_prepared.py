import json

import numpy as np
import pytest

from landmarks.boxes import face_box
from landmarks.errors import DatasetError, OutputExistsError, PictureError
from landmarks.faces import read_labelled_faces
from train.prepared import (
    MARKER,
    PREPARED_SCALE,
    PREPARED_SIZE,
    open_prepared,
    prepare,
)

WORDS = {"dataset": "drawn", "subset": "train", "scheme": "300w-68"}


@pytest.fixture
def faces(tmp_path, draw_faces):
    return read_labelled_faces(draw_faces(tmp_path / "faces", 3))


@pytest.fixture
def folder(tmp_path, faces):
    prepare(faces, tmp_path / "prepared", **WORDS)
    return tmp_path / "prepared"


def test_prepared_faces_are_opened_as_described(folder, faces):
    data = open_prepared(folder)
    assert data.crops.shape == (3, PREPARED_SIZE, PREPARED_SIZE, 3)
    assert data.points_crop.shape == (3, 68, 2)
    assert data.info.n == 3
    assert data.info.names == tuple(face.picture.name for face in faces)
    assert (data.info.dataset, data.info.scheme) == ("drawn", "300w-68")


def test_every_face_fills_the_same_part_of_its_crop(folder):
    for points in open_prepared(folder).points_crop:
        box = face_box(points)
        assert box.centre == pytest.approx(((PREPARED_SIZE - 1) / 2,) * 2, abs=0.01)
        assert box.width == pytest.approx(PREPARED_SIZE / PREPARED_SCALE, abs=0.01)


def test_prepared_arrays_cannot_be_changed_by_accident(folder):
    with pytest.raises(ValueError, match="read-only"):
        open_prepared(folder).crops[0] = 0


def test_same_faces_have_the_same_digest(folder, faces, tmp_path):
    again = prepare(faces, tmp_path / "again", **WORDS)
    fewer = prepare(faces[:2], tmp_path / "fewer", **WORDS)
    assert again.sha256 == open_prepared(folder).info.sha256 != fewer.sha256


def test_complete_folder_is_replaced_only_with_force(folder, faces):
    with pytest.raises(OutputExistsError):
        prepare(faces[:1], folder, **WORDS)
    assert open_prepared(folder).info.n == 3
    prepare(faces[:1], folder, **WORDS, force=True)
    assert open_prepared(folder).info.n == 1


def test_interrupted_preparation_is_not_taken_for_complete(folder, faces):
    faces[1].picture.path.write_bytes(b"broken")
    with pytest.raises(PictureError, match="face_001.png"):
        prepare(faces, folder, **WORDS, force=True)
    with pytest.raises(DatasetError, match="not a prepared folder"):
        open_prepared(folder)


@pytest.mark.parametrize("name", [MARKER, "crops.npy", "points.npy"])
def test_missing_file_is_named_with_the_command_that_helps(folder, name):
    (folder / name).unlink()
    with pytest.raises(DatasetError, match=rf"{name} is missing.*train prepare"):
        open_prepared(folder)


def test_truncated_array_is_refused(folder):
    data = (folder / "crops.npy").read_bytes()
    (folder / "crops.npy").write_bytes(data[: len(data) // 2])
    with pytest.raises(DatasetError, match="damaged"):
        open_prepared(folder)


def test_array_of_another_length_is_refused(folder):
    np.save(folder / "points.npy", np.zeros((2, 68, 2), np.float32))
    with pytest.raises(DatasetError, match="says 3 faces"):
        open_prepared(folder)


@pytest.mark.parametrize("text", ["", "{", "{}", "[]", '{"n": 3, "names": []}'])
def test_damaged_description_is_refused(folder, text):
    (folder / MARKER).write_text(text)
    with pytest.raises(DatasetError, match="damaged"):
        open_prepared(folder)


def test_description_is_plain_json(folder):
    assert json.loads((folder / MARKER).read_text())["size"] == PREPARED_SIZE
