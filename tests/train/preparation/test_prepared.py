import json

import numpy as np
import pytest

from landmarks.boxes import Box
from landmarks.errors import DatasetError
from landmarks.faces import read_labelled_faces
from train.datasets.unlabelled import UnlabelledFace
from train.preparation.prepare import PREPARED_SCALE, prepare
from train.preparation.prepared import MARKER, PREPARED_SIZE, kept_together, open_prepared

WORDS = {"dataset": "drawn", "subset": "train", "scheme": "300w-68"}


@pytest.fixture
def faces(tmp_path, draw_faces):
    return read_labelled_faces(draw_faces(tmp_path / "faces", 3))


@pytest.fixture
def folder(tmp_path, faces):
    prepare(faces, tmp_path / "prepared", **WORDS)
    return tmp_path / "prepared"


@pytest.fixture
def unlabelled(tmp_path, faces):
    found = [UnlabelledFace(face.picture, Box(30, 30, 90, 90)) for face in faces]
    prepare(found, tmp_path / "prepared", dataset="drawn", subset="all", scheme=None)
    return tmp_path / "prepared"


def test_prepared_faces_are_opened_as_described(folder, faces):
    data = open_prepared(folder)
    assert data.crops.shape == (3, PREPARED_SIZE, PREPARED_SIZE, 3)
    assert data.points_crop.shape == (3, 68, 2)
    assert data.info.n == 3
    assert data.info.names == tuple(face.picture.name for face in faces)
    assert (data.info.dataset, data.info.scheme) == ("drawn", "300w-68")


def test_the_canonical_box_is_the_same_in_every_crop(folder):
    info = open_prepared(folder).info
    middle = (PREPARED_SIZE - 1) / 2
    assert info.box_crop.centre == (middle, middle)
    assert info.box_crop.width == pytest.approx(PREPARED_SIZE / PREPARED_SCALE)


def test_prepared_arrays_cannot_be_changed_by_accident(folder):
    with pytest.raises(ValueError, match="read-only"):
        open_prepared(folder).crops[0] = 0


def test_unlabelled_faces_are_opened_by_those_who_need_no_landmarks(unlabelled):
    data = open_prepared(unlabelled, labelled=False)
    assert data.crops.shape == (3, PREPARED_SIZE, PREPARED_SIZE, 3)
    assert data.points_crop.shape == (0, 0, 2)
    assert data.info.scheme is None
    with pytest.raises(DatasetError, match=r"3 faces without landmarks \(drawn\), expected a labe"):
        open_prepared(unlabelled)


def test_labelled_faces_may_be_used_without_their_landmarks(folder):
    assert len(open_prepared(folder, labelled=False).points_crop) == 3


def test_a_folder_of_the_first_format_is_still_read(folder):
    fields = json.loads((folder / MARKER).read_text())
    for name in ("groups", "terms", "skipped", "format"):
        del fields[name]
    (folder / MARKER).write_text(json.dumps(fields))
    assert open_prepared(folder).info.groups == {}


def test_a_folder_of_a_newer_format_is_refused(folder):
    fields = json.loads((folder / MARKER).read_text())
    (folder / MARKER).write_text(json.dumps({**fields, "format": 99}))
    with pytest.raises(DatasetError, match="format 99 of a newer version"):
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
    with pytest.raises(DatasetError, match=r"points.npy is float32 \(2, 68, 2\), but"):
        open_prepared(folder)


@pytest.mark.parametrize("text", ["", "{", "{}", "[]", "3", '{"n": 3, "names": []}'])
def test_damaged_description_is_refused(folder, text):
    (folder / MARKER).write_text(text)
    with pytest.raises(DatasetError, match="damaged"):
        open_prepared(folder)


def test_description_is_plain_json(folder):
    assert json.loads((folder / MARKER).read_text())["size"] == PREPARED_SIZE


@pytest.mark.parametrize(
    ("name", "key"), [("a.jpg", "a.jpg"), ("a.jpg#2", "a.jpg"), ("001#000002", "001")]
)
def test_a_name_says_what_the_face_is_kept_together_with(name, key):
    assert kept_together(name) == key


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 1e30, -5000])
def test_landmarks_that_are_none_are_refused_with_their_face(folder, value):
    points = np.load(folder / "points.npy")
    points[1, 7, 0] = value
    np.save(folder / "points.npy", points)
    with pytest.raises(DatasetError, match=r"no landmarks for face 1 \(face_001\.png\)"):
        open_prepared(folder)


@pytest.mark.parametrize("dtype", [np.float64, np.int32])
def test_arrays_of_another_type_are_refused(folder, dtype):
    np.save(folder / "points.npy", np.load(folder / "points.npy").astype(dtype))
    with pytest.raises(DatasetError, match="points.npy is .* prepare again"):
        open_prepared(folder)


WRONG = [
    ("n", [None, 0, -1, "3", 3.0, True, 10**30]),
    ("size", [None, 0, "256", 1e9, True]),
    ("scale", [None, 0, "1.7", 1e308, True]),
    ("scheme", [3, "300w-67", [], {}]),
    ("names", [None, [], ["a"], [1, 2, 3], "abc" * 9]),
    ("groups", [{"a": [9]}, {"a": ["x"]}, {"a": 3}, [], 3]),
    ("format", [99, "1", None, 0, 1.5]),
]


@pytest.mark.parametrize(("field", "value"), [(f, v) for f, values in WRONG for v in values])
def test_a_description_with_a_wrong_value_is_refused(folder, field, value):
    fields = json.loads((folder / MARKER).read_text())
    (folder / MARKER).write_text(json.dumps({**fields, field: value}))
    with pytest.raises(DatasetError, match="damaged prepared folder|prepare again"):
        open_prepared(folder)


@pytest.mark.parametrize("name", ["prepared.json", "crops.npy", "points.npy"])
@pytest.mark.parametrize("target", ["/dev/zero", "/dev/null"])
def test_a_device_is_no_part_of_a_prepared_folder(folder, name, target):
    (folder / name).unlink()
    (folder / name).symlink_to(target)
    with pytest.raises(DatasetError, match="is a device|is no regular file"):
        open_prepared(folder)


@pytest.mark.parametrize("content", [b"", b"\x93NUMPY", b"PK\3\4", bytes(200), b"[" * 99_999])
@pytest.mark.parametrize("name", ["prepared.json", "crops.npy", "points.npy"])
def test_damaged_files_are_refused(folder, name, content):
    (folder / name).write_bytes(content)
    with pytest.raises(DatasetError):
        open_prepared(folder)
