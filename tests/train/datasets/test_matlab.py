import numpy as np
import pytest
from scipy.io import savemat

from landmarks.errors import DatasetError, PictureError
from train.datasets.matlab import open_mat

MATRIX = np.arange(12, dtype=np.float64).reshape(3, 4)
TEXTS = ["0/image00002.jpg", "2/b.png"]


@pytest.fixture
def pictures(rng):
    colour = rng.integers(0, 256, (5, 7, 3)).astype(np.uint8)
    grey = rng.integers(0, 256, (4, 6)).astype(np.uint8)
    return [colour, grey]


def cell(items):
    """An n x 1 cell, as SciPy writes it."""
    made = np.empty((len(items), 1), object)
    for i, item in enumerate(items):
        made[i, 0] = item
    return made


@pytest.fixture(params=["v7.3", "v5"])
def mat(request, tmp_path, pictures, write_mat73):
    path = tmp_path / "a.mat"
    if request.param == "v7.3":
        write_mat73(path, phis=MATRIX, Is=pictures, names=TEXTS)
    else:
        savemat(path, {"phis": MATRIX, "Is": cell(pictures), "names": cell(TEXTS)})
    return open_mat(path)


def test_a_matrix_has_the_rows_that_matlab_shows(mat):
    np.testing.assert_array_equal(mat.matrix("phis"), MATRIX)


def test_texts_of_a_cell_are_text(mat):
    assert mat.texts("names") == tuple(TEXTS)


def test_pictures_of_a_cell_are_rgb_and_upright(mat, pictures):
    colour, grey = mat.pictures("Is")
    np.testing.assert_array_equal(colour.read(), pictures[0])
    np.testing.assert_array_equal(grey.read(), np.dstack([pictures[1]] * 3))
    assert (colour.name, grey.name) == ("Is-0001", "Is-0002")
    assert str(grey).endswith("a.mat: Is{2}")


def test_missing_and_unsuitable_variables_are_named(mat):
    with pytest.raises(DatasetError, match=r"a\.mat: holds no variable 'nothing'"):
        mat.matrix("nothing")
    with pytest.raises(DatasetError, match="holds no variable 'nothing'"):
        mat.pictures("nothing")
    with pytest.raises(DatasetError, match="phis is no cell"):
        mat.pictures("phis")
    with pytest.raises(DatasetError, match="Is is no numeric array"):
        mat.matrix("Is")


def test_a_cell_entry_that_is_no_picture_is_named(tmp_path, write_mat73):
    path = write_mat73(tmp_path / "a.mat", Is=[np.zeros((3, 3)), np.zeros((2, 2, 4), np.uint8)])
    odd, four = open_mat(path).pictures("Is")
    with pytest.raises(PictureError, match=r"Is\{1\}: expected a uint8 picture, received float64"):
        odd.read()
    with pytest.raises(PictureError, match="4 channels"):
        four.read()


def test_files_that_are_no_matlab_files_are_refused(tmp_path, write_mat73):
    with pytest.raises(DatasetError, match="no such MATLAB file"):
        open_mat(tmp_path / "nothing.mat")
    (tmp_path / "text.mat").write_text("hello\n" * 100)
    with pytest.raises(DatasetError, match=r"text\.mat: not a MATLAB file"):
        open_mat(tmp_path / "text.mat").matrix("phis")
    path = write_mat73(tmp_path / "cut.mat", phis=MATRIX)
    path.write_bytes(path.read_bytes()[:900])
    with pytest.raises(DatasetError, match=r"cut\.mat: damaged MATLAB v7\.3 file"):
        open_mat(path).matrix("phis")
