import numpy as np
import pytest

from landmarks.errors import DatasetError
from landmarks.pictures import write_picture
from train.datasets.bad_files import BadFiles
from train.datasets.celeba import LIST, read_celeba


@pytest.fixture
def root(tmp_path):
    for name in ("000001.jpg", "000002.jpg"):
        write_picture(tmp_path / "img_celeba" / name, np.zeros((200, 200, 3), np.uint8))
    (tmp_path / LIST).write_text("000001.jpg 40 20 140 150\n000002.jpg 10 10 60 75\n")
    return tmp_path


def test_a_line_is_a_face_without_its_forehead(root):
    faces = read_celeba(root, "all")
    assert [face.picture.name for face in faces] == ["000001.jpg", "000002.jpg"]
    box = faces[0].box
    # PIPNet's crop, 1.2 of the width and 0.95 of the height, is the tight box of a face x1.3
    assert box.centre == pytest.approx((90, 85 + 0.125 * 130), abs=2)
    assert box.width == pytest.approx(np.sqrt(1.2 * 100 * 0.95 * 130) / 1.3, abs=2)


def test_a_part_is_used_and_reported(root, caplog):
    (root / "img_celeba/000001.jpg").unlink()
    assert len(read_celeba(root, "all")) == 1
    assert "holds 1 of the official 202599 faces; 1 listed pictures are missing" in caplog.text


@pytest.mark.parametrize("line", ["000001.jpg 1 2 3", "000001.jpg 1 2 x 9", "000001.jpg 9 2 3 9"])
def test_a_malformed_line_is_named_or_left_out(root, line):
    (root / LIST).write_text(f"000002.jpg 10 10 60 75\n{line}\n")
    with pytest.raises(DatasetError, match=rf"{LIST}:2: expected 'name xmin ymin xmax ymax'"):
        read_celeba(root, "all")
    bad = BadFiles(skip=True)
    assert len(read_celeba(root, "all", bad)) == 1
    assert len(bad.messages) == 1


def test_empty_box_missing_list_and_subset_are_refused(root, tmp_path):
    (root / LIST).write_text("000001.jpg 5 5 5 9\n")
    with pytest.raises(DatasetError, match="the box has no area"):
        read_celeba(root, "all")
    with pytest.raises(DatasetError, match="no such list of boxes"):
        read_celeba(tmp_path / "nowhere", "all")
    with pytest.raises(DatasetError, match="expected subset all, not 'train'"):
        read_celeba(root, "train")
