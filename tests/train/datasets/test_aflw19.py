import numpy as np
import pytest
from scipy.io import savemat

from landmarks.errors import DatasetError
from landmarks.pictures import write_picture
from train.datasets import aflw19
from train.datasets.aflw19 import OFFICIAL_COUNTS, read_aflw19
from train.datasets.bad_files import BadFiles

N, N_TRAIN = 6, 4


@pytest.fixture(autouse=True)
def small_release(monkeypatch):
    monkeypatch.setattr(aflw19, "N_FACES", N)
    monkeypatch.setattr(aflw19, "N_TRAIN", N_TRAIN)


@pytest.fixture
def face19():
    """Points in an ellipse, in AFLW's rectangle as in PIPNet's mean face."""
    turn = np.linspace(0, 2 * np.pi, 19)
    return np.column_stack([0.5 + 0.25 * np.cos(turn), 0.57 + 0.365 * np.sin(turn)])


@pytest.fixture
def fields(face19):
    points = np.stack([(face19 * 80 + [10 + i, 5]).T.ravel() for i in range(N)])
    visible = np.ones((N, 19), np.uint8)
    visible[0, 5] = 0
    names = np.empty((N, 1), object)
    for i in range(N):
        names[i, 0] = f"{(0, 2, 3)[i % 3]}/image{i:05}.jpg"
    return {
        "data": points,
        "bbox": np.array([[10.0 + i, 90 + i, 5, 85] for i in range(N)]),
        "mask_new": visible,
        "nameList": names,
        "ra": np.array([[6, 2, 3, 4, 1, 5]]),
    }


@pytest.fixture
def root(tmp_path, fields):
    savemat(tmp_path / "AFLWinfo_release.mat", fields)
    for name in fields["nameList"].ravel():
        write_picture(tmp_path / "flickr" / name, np.zeros((100, 110, 3), np.uint8))
    return tmp_path


def numbers(faces):
    return [int(face.picture.path.stem.removeprefix("image")) for face in faces]


def test_published_split_is_that_of_the_permutation():
    assert OFFICIAL_COUNTS == {"train": 20000, "full": 4386, "frontal": 1314}


def test_subsets_follow_the_permutation(root):
    assert numbers(read_aflw19(root, "train")) == [5, 1, 2, 3]
    assert numbers(read_aflw19(root, "full")) == [0, 4]
    assert numbers(read_aflw19(root, "frontal")) == [4]
    assert [face.groups for face in read_aflw19(root, "full")] == [(), ("frontal",)]


def test_points_are_all_x_then_all_y(root, face19):
    face = read_aflw19(root, "full")[1]
    np.testing.assert_allclose(face.points_frame, face19 * 80 + [14, 5], atol=1e-4)


def test_the_rectangle_leads_to_the_box_of_the_labels(root, box_fits):
    assert all(box_fits(face) for face in read_aflw19(root, "full"))


@pytest.mark.parametrize("folder", ["data/flickr", "images", "."])
def test_pictures_may_lie_in_the_folders_that_people_use(root, folder, tmp_path):
    flickr = root / "flickr"
    target = root / folder
    target.mkdir(parents=True, exist_ok=True)
    for part in ("0", "2", "3"):
        (flickr / part).rename(target / part)
    assert len(read_aflw19(root, "train")) == 4


def test_a_part_of_the_pictures_is_used_and_reported(root, caplog):
    (root / "flickr/2/image00001.jpg").unlink()
    assert len(read_aflw19(root, "train")) == 3
    assert "holds 3 of the official 20000 faces; 1 listed pictures are missing" in caplog.text


def test_a_point_without_a_position_is_a_bad_record(root, fields):
    fields["data"][4, [7, 7 + 19]] = 0
    savemat(root / "AFLWinfo_release.mat", fields)
    with pytest.raises(
        DatasetError, match=r"face 5 \(2/image00004\.jpg\): a point has no position"
    ):
        read_aflw19(root, "full")
    bad = BadFiles(skip=True)
    assert numbers(read_aflw19(root, "full", bad)) == [0]
    assert len(bad.messages) == 1


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("ra", np.array([[1, 2, 3, 4, 5, 5]]), "ra is no permutation of 1 to 6"),
        ("bbox", np.zeros((N, 3)), "data, bbox and mask_new of shapes"),
    ],
)
def test_inconsistent_variables_are_refused(root, fields, name, value, message):
    savemat(root / "AFLWinfo_release.mat", {**fields, name: value})
    with pytest.raises(DatasetError, match=message):
        read_aflw19(root, "train")


def test_another_release_is_refused_because_the_split_would_mean_nothing(root, monkeypatch):
    monkeypatch.setattr(aflw19, "N_FACES", 24386)
    with pytest.raises(DatasetError, match="6 faces, expected 24386"):
        read_aflw19(root, "train")


def test_missing_pictures_and_unknown_subset_are_refused(tmp_path, fields):
    savemat(tmp_path / "AFLWinfo_release.mat", fields)
    with pytest.raises(DatasetError, match="no pictures of AFLW, expected folders 0, 2 and 3"):
        read_aflw19(tmp_path, "train")
    with pytest.raises(DatasetError, match="no subset 'test'"):
        read_aflw19(tmp_path, "test")
