import numpy as np
import pytest

from calib_data import FACES_DIR
from landmarks.boxes import Box, face_box, intersection_over_union
from landmarks.errors import DatasetError, PictureError
from landmarks.pictures import read_picture, write_picture
from landmarks.pts import read_pts
from train.datasets.bad_files import BadFiles
from train.datasets.folder import read_folder


@pytest.fixture
def crops(tmp_path):
    write_picture(tmp_path / "b.png", np.zeros((100, 80, 3), np.uint8))
    write_picture(tmp_path / "more" / "a.jpg", np.zeros((50, 50, 3), np.uint8))
    (tmp_path / "notes.txt").write_text("hello")
    return tmp_path


def test_a_crop_gives_its_box_by_shares_of_its_longer_side(crops):
    first, second = read_folder(crops, "crop:0.5,0.08")
    assert (first.picture.name, second.picture.name) == ("b.png", "a.jpg")
    assert first.box == Box.from_centre((39.5, 49.5 + 8), 50)
    assert second.box == Box.from_centre((24.5, 24.5 + 4), 25)


def test_a_crop_without_numbers_is_one_of_training(crops):
    assert read_folder(crops, "crop")[0].box == Box.from_centre((39.5, 49.5), 80)


@pytest.mark.parametrize("subset", ["crop:1", "crop:a,b", "crop:0,0", "crop:1,2", "all"])
def test_a_malformed_subset_is_refused(crops, subset):
    with pytest.raises(DatasetError, match="crop:SIDE,DY|shares of the picture"):
        read_folder(crops, subset)


def test_the_finder_s_surest_face_is_taken_and_empty_pictures_are_left_out(tmp_path, caplog):
    sources = sorted(FACES_DIR.glob("*.jpg"))[:8]
    truths = {}
    for source in sources:
        picture = np.pad(read_picture(source), ((60, 60), (60, 60), (0, 0)), mode="edge")
        write_picture(tmp_path / source.name, picture)
        truths[source.name] = face_box(read_pts(source.with_suffix(".pts")) + 60)
    write_picture(tmp_path / "empty.png", np.full((120, 120, 3), 90, np.uint8))
    faces = read_folder(tmp_path, "found")
    assert len(faces) == 8
    overlaps = [intersection_over_union(face.box, truths[face.picture.name]) for face in faces]
    assert np.median(overlaps) > 0.8
    assert "no face was found in 1 of 9 pictures" in caplog.text


def test_no_face_at_all_is_an_error(crops):
    with pytest.raises(DatasetError, match="no face in any of 2 pictures"):
        read_folder(crops, "found")


def test_a_broken_picture_is_named_or_left_out(crops):
    (crops / "b.png").write_bytes(b"broken")
    with pytest.raises(PictureError, match=r"b\.png"):
        read_folder(crops, "crop")
    assert len(read_folder(crops, "crop", BadFiles(skip=True))) == 1


def test_missing_and_empty_folders_are_refused(tmp_path):
    with pytest.raises(DatasetError, match="no such folder"):
        read_folder(tmp_path / "nowhere", "crop")
    with pytest.raises(DatasetError, match="no pictures"):
        read_folder(tmp_path, "crop")
