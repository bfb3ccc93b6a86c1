import json

import numpy as np
import pytest

from landmarks.errors import DatasetError
from landmarks.faces import read_labelled_faces, read_listed_faces
from landmarks.pictures import write_picture
from landmarks.pts import write_pts


@pytest.fixture
def folder(tmp_path, face68):
    for name in ("b.png", "a.jpg"):
        write_picture(tmp_path / name, np.zeros((8, 8, 3), np.uint8))
        write_pts((tmp_path / name).with_suffix(".pts"), face68 * 8)
    return tmp_path


def test_faces_come_sorted_with_their_pictures(folder, face68):
    faces = read_labelled_faces(folder)
    assert [face.picture.name for face in faces] == ["a.jpg", "b.png"]
    np.testing.assert_allclose(faces[0].points_frame, face68 * 8, atol=1e-3)


def test_other_files_are_ignored(folder):
    (folder / "README.txt").write_text("hello")
    (folder / "c.png").write_bytes(b"")
    assert len(read_labelled_faces(folder)) == 2


def test_landmarks_without_a_picture_are_refused(folder):
    (folder / "a.jpg").unlink()
    with pytest.raises(DatasetError, match=r"a\.pts: no picture"):
        read_labelled_faces(folder)


def test_bad_line_is_reported_with_file_and_line(folder):
    path = folder / "b.pts"
    path.write_text(path.read_text().replace("{\n", "{\noops\n"))
    with pytest.raises(DatasetError, match=r"b\.pts:4"):
        read_labelled_faces(folder)


def test_folder_without_landmarks_is_refused(tmp_path):
    with pytest.raises(DatasetError, match="no .pts files"):
        read_labelled_faces(tmp_path)


def test_missing_folder_is_refused(tmp_path):
    with pytest.raises(DatasetError, match="no such folder"):
        read_labelled_faces(tmp_path / "nowhere")


def test_faces_of_whole_frames_are_listed_in_one_file(tmp_path):
    points = [[float(i), 2.0 * i] for i in range(68)]
    entries = {"a.jpg": {"points68": points}, "b.jpg": {"points68": None, "boxes": []}}
    (tmp_path / "frames.json").write_text(json.dumps(entries))
    (face,) = read_listed_faces(tmp_path / "frames.json")
    assert str(face.picture) == str(tmp_path / "frames" / "a.jpg")
    np.testing.assert_array_equal(face.points_frame, np.array(points, np.float32))


@pytest.mark.parametrize("text", ["{", "[1, 2]", '{"a.jpg": {}}'])
def test_a_list_without_faces_is_refused(tmp_path, text):
    (tmp_path / "frames.json").write_text(text)
    with pytest.raises(DatasetError, match="frames.json"):
        read_listed_faces(tmp_path / "frames.json")
