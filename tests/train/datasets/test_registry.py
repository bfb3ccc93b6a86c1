import inspect

import pytest

from landmarks.errors import DatasetError
from landmarks.schemes import SCHEMES
from train.datasets.bad_files import BadFiles
from train.datasets.registry import DATASETS, get_dataset

NAMES = "w300 wflw cofw cofw68 aflw19 lapa vw300 celeba ytf folder labelled".split()


def test_every_data_set_is_known_by_its_name():
    assert list(DATASETS) == NAMES
    assert all(get_dataset(name).name == name for name in NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_entries_are_complete(name, tmp_path):
    dataset = get_dataset(name)
    assert dataset.title and dataset.terms and dataset.subsets
    assert dataset.scheme is None or dataset.scheme in SCHEMES
    assert len(inspect.signature(dataset.read).parameters) == 3


@pytest.mark.parametrize("name", NAMES)
def test_readers_refuse_what_is_not_there(name, tmp_path):
    dataset = get_dataset(name)
    for subset in dataset.subsets:
        with pytest.raises(DatasetError):
            dataset.read(tmp_path / "nowhere", subset, BadFiles())
    with pytest.raises(DatasetError, match="subset"):
        dataset.read(tmp_path, "unheard-of", BadFiles())


def test_an_unknown_name_lists_the_known_ones():
    with pytest.raises(DatasetError, match="unknown data set '300w', expected one of w300, wflw"):
        get_dataset("300w")


def test_synthetic_faces_are_read_from_any_folder_with_pts_files(tmp_path, draw_faces):
    folder = draw_faces(tmp_path, 2)
    assert len(get_dataset("labelled").read(folder, "all", BadFiles())) == 2
