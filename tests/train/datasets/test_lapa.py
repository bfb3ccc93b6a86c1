import numpy as np
import pytest

from landmarks.errors import DatasetError
from landmarks.pictures import write_picture
from train.datasets.bad_files import BadFiles
from train.datasets.lapa import read_lapa


@pytest.fixture
def points(rng):
    return rng.uniform(10, 90, (106, 2))


@pytest.fixture
def root(tmp_path, points):
    for subset, names in (("train", "ab"), ("val", "c"), ("test", "d")):
        for name in names:
            write_picture(
                tmp_path / f"LaPa/{subset}/images/{name}.jpg", np.zeros((100, 100, 3), np.uint8)
            )
            label = tmp_path / f"LaPa/{subset}/landmarks/{name}.txt"
            label.parent.mkdir(parents=True, exist_ok=True)
            label.write_text("106\n" + "".join(f"{x:.6f} {y:.6f}\n" for x, y in points))
    return tmp_path


@pytest.mark.parametrize("below", ["", "LaPa"])
def test_faces_have_106_points_as_they_stand(root, points, below):
    faces = read_lapa(root / below, "train")
    assert [face.picture.name for face in faces] == ["a.jpg", "b.jpg"]
    np.testing.assert_allclose(faces[0].points_frame, points, atol=1e-4)
    assert faces[0].box is None
    assert [len(read_lapa(root, subset)) for subset in ("val", "test")] == [1, 1]


def test_a_part_is_reported(root, caplog):
    read_lapa(root, "val")
    assert "val holds 1 of the official 2000 faces" in caplog.text


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (lambda lines: ["68", *lines[1:]], r"b\.txt:1: expected 106, received '68'"),
        (lambda lines: lines[:-1], r"b\.txt: 105 points, expected 106"),
        (lambda lines: [*lines[:7], "12.5", *lines[8:]], r"b\.txt:8: expected 'x y'"),
        (lambda lines: [*lines[:7], "nan 3", *lines[8:]], r"b\.txt: a coordinate is not finite"),
        (lambda lines: [], r"b\.txt:1: expected 106"),
    ],
    ids=["scheme", "short", "one number", "nan", "empty"],
)
def test_a_malformed_file_is_named_or_left_out(root, edit, message):
    label = root / "LaPa/train/landmarks/b.txt"
    label.write_text("\n".join(edit(label.read_text().splitlines())))
    with pytest.raises(DatasetError, match=message):
        read_lapa(root, "train")
    bad = BadFiles(skip=True)
    assert [face.picture.name for face in read_lapa(root, "train", bad)] == ["a.jpg"]
    assert len(bad.messages) == 1


def test_missing_picture_folder_and_subset_are_named(root):
    (root / "LaPa/test/images/d.jpg").unlink()
    with pytest.raises(DatasetError, match=r"d\.txt: no picture of that name in"):
        read_lapa(root, "test")
    with pytest.raises(DatasetError, match="no such folder"):
        read_lapa(root / "nowhere", "test")
    with pytest.raises(DatasetError, match="no subset 'all'"):
        read_lapa(root, "all")
