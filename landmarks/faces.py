"""Labelled faces on disk: a picture and its ``.pts`` file beside it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from landmarks.errors import DatasetError
from landmarks.pictures import SUFFIXES
from landmarks.pts import read_pts
from landmarks.types import Floats


@dataclass(frozen=True)
class LabelledFace:
    """One face of a data set.

    Attributes:
        picture: path of the picture.
        points_frame: float32 (n, 2), pixels of the picture.
    """

    picture: Path
    points_frame: Floats


def read_labelled_faces(folder: Path | str) -> tuple[LabelledFace, ...]:
    """Read every ``.pts`` file of a folder with the picture of the same stem, sorted by name.

    Raises:
        DatasetError: the folder is missing or has no ``.pts`` file, or a picture is missing.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise DatasetError(f"{folder}: no such folder of labelled faces")
    faces = tuple(
        LabelledFace(_picture_of(path), read_pts(path)) for path in sorted(folder.glob("*.pts"))
    )
    if not faces:
        raise DatasetError(f"{folder}: no .pts files in this folder")
    return faces


def _picture_of(pts: Path) -> Path:
    for suffix in SUFFIXES:
        candidate = pts.with_suffix(suffix)
        if candidate.exists():
            return candidate
    raise DatasetError(f"{pts}: no picture of that name beside it ({', '.join(SUFFIXES)})")
