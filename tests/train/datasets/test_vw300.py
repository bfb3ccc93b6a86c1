import cv2
import numpy as np
import pytest

from landmarks.errors import DatasetError
from landmarks.pts import write_pts
from train.datasets.bad_files import BadFiles
from train.datasets.vw300 import VIDEOS, read_vw300


def make(root, name, frames, face68):
    (root / name).mkdir(parents=True)
    writer = cv2.VideoWriter(
        str(root / name / "vid.avi"), cv2.VideoWriter_fourcc(*"MJPG"), 25, (64, 48)
    )
    for i in range(frames):
        writer.write(np.full((48, 64, 3), 10 * i, np.uint8))
        write_pts(root / name / "annot" / f"{i + 1:06}.pts", face68 * 40 + i)
    writer.release()


@pytest.fixture
def root(tmp_path, face68):
    make(tmp_path, "001", 3, face68)
    make(tmp_path, "114", 2, face68)
    make(tmp_path, "203", 2, face68)
    return tmp_path


def test_published_split_counts_114_videos_once():
    counts = [len(videos) for videos in VIDEOS.values()]
    assert counts == [50, 31, 19, 14]
    assert len({video for videos in VIDEOS.values() for video in videos}) == 114


def test_every_label_is_a_face_of_its_frame(root, face68):
    faces = read_vw300(root, "train")
    assert [face.picture.name for face in faces] == ["001#000001", "001#000002", "001#000003"]
    for i, face in enumerate(faces):
        assert round(float(face.picture.read().mean()) / 10) == i
        np.testing.assert_allclose(face.points_frame, face68 * 40 + i, atol=1e-3)


def test_categories_are_subsets_and_groups(root):
    (a, b) = read_vw300(root, "category1")
    assert a.groups == b.groups == ("category1",)
    assert len(read_vw300(root, "category2")) == 2


def test_missing_videos_are_reported_and_none_is_an_error(root, caplog):
    read_vw300(root, "category1")
    assert "category1 holds 1 of the official 31 videos" in caplog.text
    with pytest.raises(DatasetError, match="none of the official 14 videos"):
        read_vw300(root, "category3")


def test_bad_labels_are_named_or_left_out(root, face68):
    write_pts(root / "001/annot/000002.pts", face68[:5], force=True)
    (root / "001/annot/notes.pts").write_text("")
    with pytest.raises(DatasetError, match=r"000002\.pts: 5 points"):
        read_vw300(root, "train")
    bad = BadFiles(skip=True)
    assert len(read_vw300(root, "train", bad)) == 2
    assert "notes.pts: expected the number of a frame" in bad.messages[1]


def test_unknown_subset_and_a_video_without_labels_are_refused(root):
    with pytest.raises(DatasetError, match="no subset 'test'"):
        read_vw300(root, "test")
    for label in (root / "001/annot").iterdir():
        label.unlink()
    with pytest.raises(DatasetError, match=r"annot: no \.pts files"):
        read_vw300(root, "train")
