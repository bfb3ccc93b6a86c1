"""Every data set that ``python -m train prepare`` and its kin know by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from landmarks.errors import DatasetError
from landmarks.faces import LabelledFace
from landmarks.schemes import AFLW19, COFW29, IBUG68, LAPA106, WFLW98
from train.datasets.aflw19 import read_aflw19
from train.datasets.bad_files import BadFiles
from train.datasets.celeba import read_celeba
from train.datasets.cofw import read_cofw, read_cofw68
from train.datasets.folder import read_folder
from train.datasets.labelled_folder import read_labelled_folder
from train.datasets.lapa import read_lapa
from train.datasets.unlabelled import UnlabelledFace
from train.datasets.vw300 import read_vw300
from train.datasets.w300 import read_w300
from train.datasets.wflw import read_wflw
from train.datasets.ytf import read_ytf

LABELLED = "labelled"  # any folder of pictures with .pts files beside them
Faces = Sequence[LabelledFace] | Sequence[UnlabelledFace]


@dataclass(frozen=True)
class Dataset:
    """A data set.

    Attributes:
        name: on the command line.
        title: for people.
        scheme: name of the landmark scheme; None where there are no landmarks.
        subsets: what can be read; the first is what ``prepare`` takes unless told otherwise.
        test: the one that ``evaluate`` takes unless told otherwise; empty without landmarks.
        terms: what its owners ask of those who use it.
        read: gives the faces of a root folder and a subset; see the data set's module.
    """

    name: str
    title: str
    scheme: str | None
    subsets: tuple[str, ...]
    test: str
    terms: str
    read: Callable[[Path, str, BadFiles], Faces]


def _read_labelled(root: Path, subset: str, bad: BadFiles) -> Faces:
    if subset != "all":
        raise DatasetError(f"a folder of labelled faces has no subset {subset!r}, expected all")
    return read_labelled_folder(root, IBUG68, bad)


DATASETS: Mapping[str, Dataset] = {
    dataset.name: dataset
    for dataset in (
        Dataset(
            "w300",
            "300W",
            IBUG68.name,
            ("train", "common", "challenging", "full"),
            "common",
            "300W: research, non-commercial",
            read_w300,
        ),
        Dataset(
            "wflw",
            "WFLW",
            WFLW98.name,
            ("train", "test"),
            "test",
            "WFLW: research, non-commercial; pictures are WIDER FACE's",
            read_wflw,
        ),
        Dataset(
            "cofw",
            "COFW",
            COFW29.name,
            ("train", "test"),
            "test",
            "COFW: ask its owners",
            read_cofw,
        ),
        Dataset(
            "cofw68",
            "COFW-68",
            IBUG68.name,
            ("test",),
            "test",
            "COFW and COFW-68: ask their owners",
            read_cofw68,
        ),
        Dataset(
            "aflw19",
            "AFLW-19",
            AFLW19.name,
            ("train", "full", "frontal"),
            "full",
            "AFLW: research, non-commercial, no distribution",
            read_aflw19,
        ),
        Dataset(
            "lapa",
            "LaPa-106",
            LAPA106.name,
            ("train", "val", "test"),
            "test",
            "LaPa: research, non-commercial",
            read_lapa,
        ),
        Dataset(
            "vw300",
            "300VW",
            IBUG68.name,
            ("train", "category1", "category2", "category3"),
            "category1",
            "300VW: research, non-commercial",
            read_vw300,
        ),
        Dataset(
            "celeba",
            "CelebA in the wild",
            None,
            ("all",),
            "",
            "CelebA: research, non-commercial",
            read_celeba,
        ),
        Dataset(
            "ytf",
            "YouTube-Faces frames",
            IBUG68.name,
            ("test", "train"),
            "test",
            "YouTube Faces: research",
            read_ytf,
        ),
        Dataset(
            "folder",
            "pictures without labels",
            None,
            ("found", "crop"),
            "",
            "ask whoever made the pictures",
            read_folder,
        ),
        Dataset(
            LABELLED,
            "pictures with .pts files of 68 points, e.g. the synthetic faces",
            IBUG68.name,
            ("all",),
            "all",
            "ask whoever made the pictures",
            _read_labelled,
        ),
    )
}


def get_dataset(name: str) -> Dataset:
    """Return the data set of that name.

    Raises:
        DatasetError: there is none; the message lists them.
    """
    if name not in DATASETS:
        raise DatasetError(f"unknown data set {name!r}, expected one of {', '.join(DATASETS)}")
    return DATASETS[name]
