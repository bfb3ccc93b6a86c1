"""Labelled faces: a picture, wherever it lies, and the points of one face in it.

``read_labelled_faces`` reads the plainest layout, a folder of pictures with a ``.pts`` file beside
each; ``train.datasets`` reads the official layouts of public data sets.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np

from landmarks.boxes import Box
from landmarks.errors import DatasetError
from landmarks.pictures import SUFFIXES, read_picture
from landmarks.pts import read_pts_lines
from landmarks.reading import read_text
from landmarks.strict_json import parse_json
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
        listed: file that the labels come from, with a line where it lists many faces; empty where
            they come with the picture.
        lines: of each point in that file, from 1; empty where that is not known.
    """

    picture: Picture
    points_frame: Floats
    box: Box | None = None
    groups: tuple[str, ...] = ()
    listed: str = ""
    lines: tuple[int, ...] = ()

    @property
    def origin(self) -> str:
        """Where the labels come from, for messages."""
        return self.listed or str(self.picture)


def read_labelled_faces(folder: Path | str) -> tuple[LabelledFace, ...]:
    """Read every ``.pts`` file of a folder with the picture of the same stem, sorted by name.

    Raises:
        DatasetError: the folder is missing or has no ``.pts`` file, or a picture is missing.
    """
    folder = Path(folder)
    return tuple(read_labelled_face(path) for path in pts_files(folder))


def pts_files(folder: Path) -> list[Path]:
    """Return the ``.pts`` files of a folder, however the suffix is written, sorted by name.

    Names that begin with a dot are none: macOS leaves ``._face.pts`` beside every copied file.

    Raises:
        DatasetError: the folder is missing or has none.
    """
    if not folder.is_dir():
        raise DatasetError(f"{folder}: no such folder of labelled faces")
    paths = [p for p in folder.iterdir() if p.suffix.lower() == ".pts" and p.name[0] != "."]
    if not paths:
        raise DatasetError(f"{folder}: no .pts files in this folder")
    return sorted(paths)


def read_listed_faces(listing: Path) -> tuple[LabelledFace, ...]:
    """Read the faces of whole frames that one JSON file lists.

    ``FOLDER.json`` beside ``FOLDER`` maps the name of each picture to an object; its ``points68``,
    pixels counted from 0, are the labels, and pictures without them are left out.

    Raises:
        DatasetError: it is no such list, or lists no labelled face.
    """
    folder = listing.with_suffix("")
    text = read_text(listing, what="list of faces", error=DatasetError)
    try:
        faces = tuple(
            LabelledFace(
                PictureFile(folder / name),
                np.asarray(entry["points68"], np.float32).reshape(68, 2),
                listed=str(listing),
            )
            for name, entry in parse_json(text).items()
            if entry.get("points68")
        )
    except (ValueError, TypeError, AttributeError) as error:
        raise DatasetError(f"{listing}: not a list of faces ({error})") from None
    if not faces:
        raise DatasetError(f"{listing}: lists no face with points68")
    return faces


def read_labelled_face(pts: Path, groups: tuple[str, ...] = ()) -> LabelledFace:
    """Read one ``.pts`` file; its picture lies beside it, as ``picture_beside`` finds it.

    Raises:
        DatasetError: the file is malformed or its picture is missing.
    """
    points, lines = read_pts_lines(pts)
    picture = picture_beside(pts, pts.parent)
    return LabelledFace(PictureFile(picture), points, groups=groups, listed=str(pts), lines=lines)


def picture_beside(label: Path, folder: Path) -> Path:
    """Return the picture of a file of labels: ``x.jpg`` of ``x.pts`` or of ``x.jpg.pts``.

    The suffix of a picture may be written in any case: Windows and cameras write ``.JPG``.

    Args:
        label: file of labels.
        folder: where its picture lies.

    Raises:
        DatasetError: there is no such picture.
    """
    stem = label.stem
    if Path(stem).suffix.lower() in SUFFIXES and (folder / stem).exists():
        return folder / stem
    for suffix in SUFFIXES:  # without listing the folder, which may hold thousands
        for written in (suffix, suffix.upper(), f".{suffix[1:].capitalize()}"):
            if (candidate := folder / f"{stem}{written}").exists():
                return candidate
    raise DatasetError(f"{label}: no picture of that name in {folder} ({', '.join(SUFFIXES)})")
