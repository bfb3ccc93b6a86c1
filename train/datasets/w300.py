"""300W (Sagonas et al. 2013): 68 points, the folders ``afw``, ``helen``, ``lfpw`` and ``ibug``.

The official split: train is AFW, HELEN train and LFPW train (3148 faces); the common test set is
HELEN test and LFPW test (554); the challenging one is IBUG (135); full is both (689). A test face
says in its ``groups`` which of the two sets it belongs to.

``.pts`` files count pixels from 1, and ``landmarks.pts`` takes that off. The data set comes with
boxes of a detector in files of their own, which published evaluations do not use: a face has no
``box`` here, and crops are cut round the landmarks.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal, get_args

from landmarks.errors import DatasetError
from landmarks.faces import LabelledFace
from landmarks.schemes import IBUG68
from train.datasets.bad_files import BadFiles
from train.datasets.labelled_folder import read_labelled_folder
from train.datasets.official_count import check_official_count

Subset = Literal["train", "common", "challenging", "full"]
FOLDERS: dict[Subset, tuple[str, ...]] = {
    "train": ("afw", "helen/trainset", "lfpw/trainset"),
    "common": ("helen/testset", "lfpw/testset"),
    "challenging": ("ibug",),
    "full": ("helen/testset", "lfpw/testset", "ibug"),
}
GROUPS: dict[str, tuple[str, ...]] = {
    "helen/testset": ("common",),
    "lfpw/testset": ("common",),
    "ibug": ("challenging",),
}
OFFICIAL_COUNTS: dict[str, int] = {
    "afw": 337,
    "helen/trainset": 2000,
    "lfpw/trainset": 811,
    "helen/testset": 330,
    "lfpw/testset": 224,
    "ibug": 135,
}


def looks_like_w300(root: Path) -> bool:
    """Say whether ``root`` holds any folder of the official layout."""
    return any((root / folder).is_dir() for folder in OFFICIAL_COUNTS)


def read_w300(
    root: Path | str, subset: str, bad: BadFiles | None = None
) -> tuple[LabelledFace, ...]:
    """Read the faces of a subset; a partial folder is used and reported in the log.

    Args:
        root: the folder that holds ``afw``, ``helen`` and so on.
        subset: ``"train"``, ``"common"``, ``"challenging"`` or ``"full"``.
        bad: what to do with bad files; the first one raises when None.

    Raises:
        DatasetError: a folder is missing, or a face does not have 68 points.
    """
    root, bad = Path(root), bad or BadFiles()
    if subset not in FOLDERS:
        raise DatasetError(f"300W has no subset {subset!r}, expected one of {get_args(Subset)}")
    folders = next(folders for name, folders in FOLDERS.items() if name == subset)
    faces: list[LabelledFace] = []
    for folder in folders:
        if not (root / folder).is_dir():
            raise DatasetError(
                f"{root / folder}: missing, but 300W's subset {subset!r} needs {', '.join(folders)}"
            )
        left_out = len(bad.messages)
        found = read_labelled_folder(root / folder, IBUG68, bad, GROUPS.get(folder, ()))
        left_out = len(bad.messages) - left_out
        check_official_count(root / folder, len(found) + left_out, OFFICIAL_COUNTS[folder])
        faces += found
    return tuple(faces)
