import numpy as np
import pytest
from scipy.io import savemat

from landmarks.errors import DatasetError
from train.datasets.bad_files import BadFiles
from train.datasets.cofw import read_cofw, read_cofw68

RECTANGLE = [21.0, 31.0, 60.0, 60.0]  # x, y, width, height as MATLAB counts


@pytest.fixture(scope="module")
def face29():
    """Points in an ellipse, in COFW's rectangle as in PIPNet's mean face."""
    turn = np.linspace(0, 2 * np.pi, 29)
    return np.column_stack([0.51 + 0.42 * np.cos(turn), 0.52 + 0.425 * np.sin(turn)])


@pytest.fixture
def root(tmp_path, write_mat73, face29, face68):
    colour, grey = np.full((120, 100, 3), 9, np.uint8), np.full((120, 100), 7, np.uint8)
    points = face29 * 60 + [21, 31]
    hidden = np.zeros(29)
    seen = np.concatenate([points.T.ravel(), hidden])
    hidden[3] = 1
    covered = np.concatenate([points.T.ravel(), hidden])
    labels, rectangles = np.stack([seen, covered]), np.array([RECTANGLE] * 2)
    write_mat73(
        tmp_path / "COFW_train_color.mat",
        IsTr=[colour, grey],
        phisTr=labels,
        bboxesTr=rectangles,
    )
    write_mat73(
        tmp_path / "COFW_test_color.mat", IsT=[grey, colour], phisT=labels, bboxesT=rectangles
    )
    annotations = tmp_path / "cofw68_test_annotations"
    annotations.mkdir()
    for i in (1, 2):
        occluded = np.zeros((68, 1))
        points68 = face68 * 60 / 0.8 + [15, 25]
        savemat(annotations / f"{i}_points.mat", {"Points": points68 + i, "Occ": occluded})
    savemat(tmp_path / "cofw68_test_bboxes.mat", {"bboxes": rectangles})
    return tmp_path


def test_faces_have_29_points_counted_from_0(root, face29):
    faces = read_cofw(root, "train")
    assert len(faces) == 2
    np.testing.assert_allclose(faces[0].points_frame, face29 * 60 + [20, 30], atol=1e-4)
    assert faces[0].picture.read().shape == (120, 100, 3)
    assert (faces[1].picture.read() == 7).all()
    assert [face.groups for face in faces] == [(), ("occluded",)]
    assert [face.picture.name for face in read_cofw(root, "test")] == ["IsT-0001", "IsT-0002"]


def test_the_rectangle_leads_to_the_box_of_the_labels(root, box_fits):
    assert all(box_fits(face) for face in read_cofw(root, "train"))
    assert all(box_fits(face) for face in read_cofw68(root, "test"))


def test_a_partial_file_is_reported(root, caplog):
    read_cofw(root, "test")
    assert "test holds 2 of the official 507 faces" in caplog.text


def test_a_bad_record_is_named_or_left_out(root, write_mat73, face29):
    labels = np.full((2, 87), 50.0)
    labels[1, 4] = np.nan
    write_mat73(
        root / "COFW_train_color.mat",
        IsTr=[np.zeros((9, 9), np.uint8)] * 2,
        phisTr=labels,
        bboxesTr=np.array([[1.0, 1, -5, 5], RECTANGLE]),
    )
    with pytest.raises(DatasetError, match=r"IsTr\{1\}: bad rectangle"):
        read_cofw(root, "train")
    bad = BadFiles(skip=True)
    assert read_cofw(root, "train", bad) == ()
    assert "IsTr{2}: a coordinate is not finite" in bad.messages[1]


def test_variables_that_do_not_belong_together_are_refused(root, write_mat73):
    write_mat73(
        root / "COFW_test_color.mat",
        IsT=[np.zeros((9, 9), np.uint8)] * 2,
        phisT=np.zeros((2, 58)),
        bboxesT=np.zeros((2, 4)),
    )
    with pytest.raises(DatasetError, match=r"phisT has shape \(2, 58\), expected \(2, 87\)"):
        read_cofw(root, "test")


def test_an_old_grey_file_is_read_when_the_colour_file_is_not_there(root):
    (root / "COFW_train_color.mat").unlink()
    cell = np.empty((1, 1), object)
    cell[0, 0] = np.full((20, 20), 3, np.uint8)
    label, rectangle = np.full((1, 87), 5.0), np.array([[1.0, 1, 9, 9]])
    savemat(root / "COFW_train.mat", {"IsTr": cell, "phisTr": label, "bboxesTr": rectangle})
    (face,) = read_cofw(root, "train")
    assert (face.picture.read() == 3).all()
    np.testing.assert_array_equal(face.points_frame, 4.0)


def test_cofw68_joins_points_to_the_pictures_of_the_test_file(root, face68):
    faces = read_cofw68(root, "test")
    assert [face.picture.name for face in faces] == ["IsT-0001", "IsT-0002"]
    for i, face in enumerate(faces):
        np.testing.assert_allclose(face.points_frame, face68 * 75 + [15 + i, 25 + i], atol=1e-4)


def test_cofw68_names_a_missing_annotation(root):
    (root / "cofw68_test_annotations/2_points.mat").unlink()
    with pytest.raises(DatasetError, match=r"2_points\.mat: no such"):
        read_cofw68(root, "test")
    assert len(read_cofw68(root, "test", BadFiles(skip=True))) == 1


def test_missing_files_and_unknown_subsets_are_refused(tmp_path, root):
    with pytest.raises(DatasetError, match=r"neither COFW_train_color\.mat nor COFW_train\.mat"):
        read_cofw(tmp_path / "nowhere", "train")
    with pytest.raises(DatasetError, match="no subset 'val'"):
        read_cofw(root, "val")
    with pytest.raises(DatasetError, match="no folder cofw68_test_annotations"):
        read_cofw68(tmp_path / "nowhere", "test")
    with pytest.raises(DatasetError, match="no subset 'train', expected test"):
        read_cofw68(root, "train")
