"""Labelled faces: a picture, wherever it lies, and the points of one face in it.

``read_labelled_faces`` reads the plainest layout, a folder of pictures with a ``.pts`` file beside
each; ``train.datasets`` reads the official layouts of public data sets.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np

from landmarks.boxes import Box
from landmarks.errors import DatasetError
from landmarks.pictures import SUFFIXES, read_picture
from landmarks.pts import read_pts
from landmarks.types import Floats, Image


class Picture(Protocol):
    """Where pixels come from: a file, a frame of a video, a record of an archive.

    ``str()`` of it says in a message which picture is meant.
    """

    @property
    def name(self) -> str:
        """Short name, the same on every machine; the validation split is a hash of it."""
        ...

    def read(self) -> Image:
        """Return the picture, RGB uint8 (height, width, 3).

        Raises:
            PictureError: it cannot be read.
        """
        ...


@dataclass(frozen=True)
class PictureFile:
    """A picture that is a file of its own."""

    path: Path

    @property
    def name(self) -> str:
        """Name of the file without its folder."""
        return self.path.name

    def read(self) -> Image:
        """Read it upright; see ``landmarks.pictures.read_picture``."""
        return read_picture(self.path)

    def __str__(self) -> str:
        return str(self.path)


@dataclass(frozen=True)
class LabelledFace:
    """One face of a data set.

    Attributes:
        picture: the picture that shows it.
        points_frame: float32 (n, 2), pixels of the picture.
        box: canonical face box made from the rectangle that the data set gives; None where it
            gives none. ``landmarks.boxes.face_box(points_frame)`` is the box of the labels.
        groups: the parts of its data set that the face belongs to (WFLW's attributes, 300W's
            common and challenging sets), for errors by group.
    """

    picture: Picture
    points_frame: Floats
    box: Box | None = None
    groups: tuple[str, ...] = ()


def read_labelled_faces(folder: Path | str) -> tuple[LabelledFace, ...]:
    """Read every ``.pts`` file of a folder with the picture of the same stem, sorted by name.

    Raises:
        DatasetError: the folder is missing or has no ``.pts`` file, or a picture is missing.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise DatasetError(f"{folder}: no such folder of labelled faces")
    faces = tuple(read_labelled_face(path) for path in sorted(folder.glob("*.pts")))
    if not faces:
        raise DatasetError(f"{folder}: no .pts files in this folder")
    return faces


def read_listed_faces(listing: Path) -> tuple[LabelledFace, ...]:
    """Read the faces of whole frames that one JSON file lists.

    ``FOLDER.json`` beside ``FOLDER`` maps the name of each picture to an object; its ``points68``,
    pixels counted from 0, are the labels, and pictures without them are left out.

    Raises:
        DatasetError: it is no such list, or lists no labelled face.
    """
    folder = listing.with_suffix("")
    try:
        faces = tuple(
            LabelledFace(PictureFile(folder / name), np.asarray(entry["points68"], np.float32))
            for name, entry in json.loads(listing.read_text(encoding="utf-8")).items()
            if entry.get("points68")
        )
    except (ValueError, AttributeError) as error:
        raise DatasetError(f"{listing}: not a list of faces ({error})") from None
    if not faces:
        raise DatasetError(f"{listing}: lists no face with points68")
    return faces


def read_labelled_face(pts: Path, groups: tuple[str, ...] = ()) -> LabelledFace:
    """Read one ``.pts`` file; its picture lies beside it and has the same stem.

    Raises:
        DatasetError: the file is malformed or its picture is missing.
    """
    return LabelledFace(PictureFile(_picture_of(pts)), read_pts(pts), groups=groups)


def _picture_of(pts: Path) -> Path:
    for suffix in SUFFIXES:
        candidate = pts.with_suffix(suffix)
        if candidate.exists():
            return candidate
    raise DatasetError(f"{pts}: no picture of that name beside it ({', '.join(SUFFIXES)})")
