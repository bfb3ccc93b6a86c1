import logging

import numpy as np
import pytest

from landmarks.errors import DatasetError
from landmarks.pictures import write_picture
from landmarks.pts import write_pts
from train.datasets.bad_files import BadFiles
from train.datasets.w300 import FOLDERS, OFFICIAL_COUNTS, looks_like_w300, read_w300


@pytest.fixture
def root(tmp_path, draw_faces):
    for folder in OFFICIAL_COUNTS:
        draw_faces(tmp_path / folder, 2)
    return tmp_path


@pytest.mark.parametrize(
    ("subset", "count"), [("train", 3148), ("common", 554), ("challenging", 135), ("full", 689)]
)
def test_official_counts_are_those_of_the_papers(subset, count):
    assert sum(OFFICIAL_COUNTS[folder] for folder in FOLDERS[subset]) == count


@pytest.mark.parametrize(
    ("subset", "count"), [("train", 6), ("common", 4), ("challenging", 2), ("full", 6)]
)
def test_subset_holds_the_faces_of_its_folders(root, subset, count):
    faces = read_w300(root, subset)
    assert len(faces) == count
    folders = {str(face.picture.path.parent.relative_to(root)) for face in faces}
    assert folders == set(FOLDERS[subset])
    assert all(face.points_frame.shape == (68, 2) for face in faces)


def test_test_faces_are_no_training_faces(root):
    training = {face.picture for face in read_w300(root, "train")}
    assert training.isdisjoint(face.picture for face in read_w300(root, "full"))


def test_partial_folder_is_used_and_reported(root, caplog):
    with caplog.at_level(logging.WARNING):
        read_w300(root, "challenging")
    assert "holds 2 of the official 135 faces" in caplog.text


def test_missing_folder_is_named(root, tmp_path):
    (tmp_path / "afw").rename(tmp_path / "elsewhere")
    with pytest.raises(DatasetError, match="afw: missing.*train"):
        read_w300(root, "train")
    assert len(read_w300(root, "full")) == 6


def test_face_with_other_landmarks_is_refused(root):
    write_picture(root / "ibug" / "odd.png", np.zeros((9, 9, 3), np.uint8))
    write_pts(root / "ibug" / "odd.pts", np.zeros((51, 2)))
    with pytest.raises(DatasetError, match=r"odd\.pts: 51 points"):
        read_w300(root, "challenging")
    bad = BadFiles(skip=True)
    assert len(read_w300(root, "challenging", bad)) == 2
    assert len(bad.messages) == 1


def test_test_faces_say_which_set_they_belong_to(root):
    assert [face.groups for face in read_w300(root, "train")] == [()] * 6
    groups = [face.groups for face in read_w300(root, "full")]
    assert groups == [("common",)] * 4 + [("challenging",)] * 2


def test_unknown_subset_is_refused(root):
    with pytest.raises(DatasetError, match="challenging"):
        read_w300(root, "hard")


def test_layout_is_recognised_by_any_of_its_folders(root, tmp_path):
    assert looks_like_w300(root)
    assert not looks_like_w300(tmp_path / "ibug")


def test_real_300w_is_read_in_full(shared_data):
    root = shared_data / "300w"
    if not root.is_dir():
        pytest.skip(f"no 300W at {root}")
    faces = read_w300(root, "train")
    assert len(faces) > 1000
    assert all(np.isfinite(face.points_frame).all() for face in faces)
