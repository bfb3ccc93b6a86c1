"""300W (Sagonas et al. 2013): 68 points, the folders ``afw``, ``helen``, ``lfpw`` and ``ibug``.

The official split: train is AFW, HELEN train and LFPW train (3148 faces); the common test set is
HELEN test and LFPW test (554); the challenging one is IBUG (135); full is both (689).
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Literal, get_args

from landmarks.errors import DatasetError
from landmarks.faces import LabelledFace, read_labelled_faces
from landmarks.schemes import IBUG68

Subset = Literal["train", "common", "challenging", "full"]
FOLDERS: dict[Subset, tuple[str, ...]] = {
    "train": ("afw", "helen/trainset", "lfpw/trainset"),
    "common": ("helen/testset", "lfpw/testset"),
    "challenging": ("ibug",),
    "full": ("helen/testset", "lfpw/testset", "ibug"),
}
OFFICIAL_COUNTS: dict[str, int] = {
    "afw": 337,
    "helen/trainset": 2000,
    "lfpw/trainset": 811,
    "helen/testset": 330,
    "lfpw/testset": 224,
    "ibug": 135,
}
logger = logging.getLogger(__name__)


def looks_like_w300(root: Path) -> bool:
    """Say whether ``root`` holds any folder of the official layout."""
    return any((root / folder).is_dir() for folder in OFFICIAL_COUNTS)


def read_w300(root: Path | str, subset: Subset) -> tuple[LabelledFace, ...]:
    """Read the faces of a subset; a partial folder is used and reported in the log.

    Args:
        root: the folder that holds ``afw``, ``helen`` and so on.
        subset: ``"train"``, ``"common"``, ``"challenging"`` or ``"full"``.

    Raises:
        DatasetError: a folder is missing, or a face does not have 68 points.
    """
    root = Path(root)
    if subset not in FOLDERS:
        raise DatasetError(f"300W has no subset {subset!r}, expected one of {get_args(Subset)}")
    faces: list[LabelledFace] = []
    for folder in FOLDERS[subset]:
        if not (root / folder).is_dir():
            raise DatasetError(
                f"{root / folder}: missing, but 300W's subset {subset!r} needs "
                f"{', '.join(FOLDERS[subset])}"
            )
        found = read_labelled_faces(root / folder)
        if len(found) != OFFICIAL_COUNTS[folder]:
            logger.warning(
                "%s holds %d of the official %d faces", folder, len(found), OFFICIAL_COUNTS[folder]
            )
        faces += found
    for face in faces:
        if len(face.points_frame) != IBUG68.n_points:
            raise DatasetError(f"{face.picture}: {len(face.points_frame)} points, expected 68")
    return tuple(faces)
