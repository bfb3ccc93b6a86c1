import json
import shutil

import pytest

from landmarks.boxes import Box, intersection_over_union
from landmarks.errors import DatasetError
from train.datasets.frames import read_frames


def test_copies_of_a_picture_become_one_frame_with_all_its_labels(frames_folder):
    frames = read_frames(frames_folder)
    assert len(frames) == 8
    assert [len(frame.labelled) for frame in frames] == [2] + [1] * 7


def test_a_labelled_face_is_not_also_a_seen_one(frames_folder):
    first, *others = read_frames(frames_folder)
    assert first.seen == ()
    for frame in others:
        (seen,) = frame.seen
        assert seen.score == 0.9
        assert intersection_over_union(seen.box, frame.boxes[0]) == 0


def test_boxes_of_the_detector_become_canonical_ones(frames_folder):
    entries = json.loads(frames_folder.with_suffix(".json").read_text())
    frame = read_frames(frames_folder)[1]
    x0, y0, x1, y1, _ = entries[frame.picture.name]["boxes"][0]
    assert frame.boxes[0].width == pytest.approx(0.907 * (x1 - x0), rel=0.01)


def test_pictures_with_pts_files_are_frames_of_one_face(draw_faces, tmp_path):
    frames = read_frames(draw_faces(tmp_path / "faces", 3))
    assert [len(frame.boxes) for frame in frames] == [1, 1, 1]


def test_a_folder_without_labels_is_refused(tmp_path):
    (tmp_path / "frames").mkdir()
    with pytest.raises(DatasetError, match="expected .*frames.json"):
        read_frames(tmp_path / "frames")


@pytest.mark.parametrize("text", ["[", "[1]", '{"frame_1.png": {"size": [1, 1]}}'])
def test_malformed_labels_are_refused(frames_folder, tmp_path, text):
    shutil.copytree(frames_folder, tmp_path / "frames")
    (tmp_path / "frames.json").write_text(text)
    with pytest.raises(DatasetError, match="malformed"):
        read_frames(tmp_path / "frames")


def test_a_missing_picture_is_named(frames_folder, tmp_path):
    (tmp_path / "frames").mkdir()
    shutil.copy(frames_folder.with_suffix(".json"), tmp_path / "frames.json")
    with pytest.raises(DatasetError, match=r"frame_0\.png: no such picture, which .* names"):
        read_frames(tmp_path / "frames")


def test_faces_of_label_frames_are_canonical_and_have_a_roll(frames_folder, tmp_path):
    shutil.copytree(frames_folder, tmp_path / "frames")
    labels = {
        "frame_1.png": {"size": [9, 9], "faces": [[1, 2, 5, 6, 0.9, -30], [0, 0, 3, 3, 0.4, None]]}
    }
    (tmp_path / "frames.json").write_text(json.dumps(labels))
    ((sure, doubted),) = [frame.seen for frame in read_frames(tmp_path / "frames")]
    assert (sure.box, sure.score, sure.roll_deg) == (Box(1, 2, 5, 6), 0.9, -30)
    assert doubted.roll_deg is None
