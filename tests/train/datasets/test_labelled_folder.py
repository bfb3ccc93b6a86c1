import numpy as np
import pytest

from landmarks.errors import DatasetError
from landmarks.pts import write_pts
from landmarks.schemes import IBUG68, WFLW98
from train.datasets.bad_files import BadFiles
from train.datasets.labelled_folder import read_labelled_folder


@pytest.fixture
def folder(tmp_path, draw_faces):
    return draw_faces(tmp_path, 3)


def test_faces_come_sorted_and_with_the_groups_given(folder):
    faces = read_labelled_folder(folder, IBUG68, groups=("easy",))
    assert [face.picture.name for face in faces] == [f"face_{i:03}.png" for i in range(3)]
    assert {face.groups for face in faces} == {("easy",)}


def test_points_of_another_scheme_are_refused(folder):
    with pytest.raises(DatasetError, match=r"face_000\.pts: 68 points, expected 98 \(wflw-98\)"):
        read_labelled_folder(folder, WFLW98)


def test_bad_files_are_left_out_on_request(folder):
    (folder / "face_000.pts").write_text("{\n1 2\nx\n}\n")
    (folder / "face_001.png").unlink()
    bad = BadFiles(skip=True)
    (face,) = read_labelled_folder(folder, IBUG68, bad)
    assert face.picture.name == "face_002.png"
    assert "face_000.pts:3" in bad.messages[0]
    assert "face_001.pts: no picture" in bad.messages[1]


def test_empty_and_missing_folders_are_refused_even_when_skipping(tmp_path):
    with pytest.raises(DatasetError, match="no .pts files"):
        read_labelled_folder(tmp_path, IBUG68, BadFiles(skip=True))
    with pytest.raises(DatasetError, match="no such folder"):
        read_labelled_folder(tmp_path / "nowhere", IBUG68)


def test_bundled_synthetic_faces_are_read():
    from calib_data import FACES_DIR

    faces = read_labelled_folder(FACES_DIR, IBUG68)
    assert len(faces) >= 128
    assert all(np.isfinite(face.points_frame).all() for face in faces)


def test_points_are_counted_from_0(tmp_path, draw_faces, face68):
    folder = draw_faces(tmp_path, 1)
    write_pts(folder / "face_000.pts", face68 * 100, force=True)
    (face,) = read_labelled_folder(folder, IBUG68)
    np.testing.assert_allclose(face.points_frame, face68 * 100, atol=1e-3)
