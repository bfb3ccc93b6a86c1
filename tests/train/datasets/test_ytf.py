import numpy as np
import pytest

from landmarks.errors import DatasetError
from landmarks.pictures import write_picture
from train.datasets.bad_files import BadFiles
from train.datasets.ytf import read_ytf


@pytest.fixture
def root(tmp_path, face68):
    header = "," + ",".join(map(str, range(136)))
    for part, names in (("training", "ab"), ("test", "c")):
        rows = [header]
        for name in names:
            write_picture(tmp_path / part / f"{name}.jpg", np.zeros((90, 90, 3), np.uint8))
            rows.append(f"{name}.jpg," + ",".join(map(str, np.rint(face68 * 80).ravel())))
        (tmp_path / f"{part}_frames_keypoints.csv").write_text("\n".join(rows) + "\n")
    return tmp_path


def test_rows_are_faces_as_they_stand(root, face68):
    faces = read_ytf(root, "train")
    assert [face.picture.name for face in faces] == ["a.jpg", "b.jpg"]
    np.testing.assert_array_equal(faces[0].points_frame, np.rint(face68 * 80))
    assert len(read_ytf(root, "test")) == 1


def test_a_part_is_used_and_reported(root, caplog):
    (root / "training/a.jpg").unlink()
    assert len(read_ytf(root, "train")) == 1
    assert "holds 1 of the official 3462 faces; 1 listed pictures are missing" in caplog.text


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("b.jpg,1,2", "3 columns, expected 137"),
        ("b.jpg" + ",x" * 136, "could not convert"),
        ("b.jpg" + ",nan" * 136, "not finite"),
    ],
)
def test_a_malformed_row_is_named_or_left_out(root, row, message):
    table = root / "training_frames_keypoints.csv"
    table.write_text("\n".join([*table.read_text().splitlines()[:2], row]))
    with pytest.raises(DatasetError, match=rf"keypoints\.csv:3: .*{message}"):
        read_ytf(root, "train")
    bad = BadFiles(skip=True)
    assert len(read_ytf(root, "train", bad)) == 1
    assert len(bad.messages) == 1


def test_missing_table_and_subset_are_refused(root, tmp_path):
    with pytest.raises(DatasetError, match="no such table"):
        read_ytf(tmp_path / "nowhere", "test")
    with pytest.raises(DatasetError, match="no subset 'all'"):
        read_ytf(root, "all")


def test_real_frames_are_read_in_full(shared_data, caplog):
    root = shared_data / "ytf"
    if not root.is_dir():
        pytest.skip(f"no YouTube-Faces frames at {root}")
    faces = read_ytf(root, "test")
    assert len(faces) == 770
    assert caplog.text == ""
    image = faces[0].picture.read()
    assert (faces[0].points_frame < [image.shape[1], image.shape[0]]).all()
