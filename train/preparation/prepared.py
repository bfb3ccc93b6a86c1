"""Prepared data: every face cut once into memory-mapped arrays that training reads from.

A prepared folder holds::

    crops.npy          uint8 (faces, size, size, 3), the canonical face box enlarged by ``scale``
    points.npy         float32 (faces, n, 2), pixels of the crop; not there for unlabelled sets
    contact_sheet.jpg  some of the faces with their labels, to look at
    prepared.json      where they come from; written last, so a folder without it is not complete

``train.preparation.prepare`` makes it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import numpy as np

from landmarks.boxes import Box
from landmarks.errors import DatasetError
from landmarks.schemes import Scheme, get_scheme
from landmarks.types import Floats, Image

FORMAT = 2  # 1 had neither groups, terms and skipped nor unlabelled sets; it is still read
MARKER = "prepared.json"
CROPS = "crops.npy"
POINTS = "points.npy"
LARGEST_PREPARED_PX = 2048  # side of a crop; larger ones hold no more of a face
PREPARED_SIZE = 256  # what an input of up to 188 px sees is not enlarged


@dataclass(frozen=True)
class PreparedInfo:
    """What ``prepared.json`` says.

    Attributes:
        dataset, subset: what was read.
        scheme: name of the landmark scheme; None where there are no landmarks.
        n: faces.
        size: side of a crop in pixels.
        scale: side of the crop divided by the side of the canonical box.
        names: of the faces, each once; see ``kept_together``.
        sha256: of crops and points together.
        groups: indices of the faces of each part of the data set, such as WFLW's attributes.
        terms: what the owners of the data set ask.
        skipped: bad files that were left out.
        format: version of the folder's layout.
    """

    dataset: str
    subset: str
    scheme: str | None
    n: int
    size: int
    scale: float
    names: tuple[str, ...]
    sha256: str
    groups: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    terms: str = ""
    skipped: int = 0
    format: int = 1

    @property
    def landmark_scheme(self) -> Scheme:
        """Scheme of the landmarks.

        Raises:
            DatasetError: there are no landmarks.
        """
        if self.scheme is None:
            raise DatasetError(f"{self.dataset} {self.subset}: these faces have no landmarks")
        return get_scheme(self.scheme)

    @property
    def box_crop(self) -> Box:
        """The canonical face box in pixels of a crop: the same for all, in the middle."""
        middle = (self.size - 1) / 2
        return Box.from_centre((middle, middle), self.size / self.scale)


class Crops(Protocol):
    """Crops by number, uint8 (size, size, 3): a map of ``crops.npy``, or several of them."""

    def __len__(self) -> int: ...

    def __getitem__(self, face: int, /) -> Image: ...


@dataclass(frozen=True)
class PreparedData:
    """An open prepared folder; the arrays are read-only maps of the files.

    Attributes:
        info: what it holds.
        crops: n of them.
        points_crop: float32 (n, points, 2); of no faces, (0, 0, 2), where there are no landmarks.
    """

    info: PreparedInfo
    crops: Crops
    points_crop: Floats


def kept_together(name: str) -> str:
    """Return what a face shares with those that a validation split must not part it from.

    It is the part of the name before ``#``: the other faces of a picture are called
    ``picture.jpg#1``, ``picture.jpg#2``, the frames of a video ``video#000001`` and so on.
    """
    return name.partition("#")[0]


def open_prepared(folder: Path | str, *, labelled: bool = True) -> PreparedData:
    """Open a prepared folder.

    Args:
        folder: what ``train.preparation.prepare`` wrote.
        labelled: whether the caller needs landmarks; False opens both kinds.

    Raises:
        DatasetError: it is missing, incomplete, of a newer format, its arrays do not match its
            description, or it holds no landmarks and ``labelled`` is set.
    """
    folder = Path(folder)
    try:
        info = _read_info(folder)
        crops = np.load(folder / CROPS, mmap_mode="r")
        if info.scheme is not None:
            points = np.load(folder / POINTS, mmap_mode="r")
        else:
            points = np.zeros((0, 0, 2), np.float32)
    except FileNotFoundError as error:
        raise DatasetError(
            f"{folder}: not a prepared folder ({Path(error.filename).name} is missing): run "
            f"python -m train prepare DATASET --root DIR --out {folder}"
        ) from None
    except (TypeError, KeyError, ValueError, AttributeError) as error:
        raise DatasetError(f"{folder}: damaged prepared folder ({error}), prepare again") from None
    if info.scheme is None and labelled:
        raise DatasetError(
            f"{folder}: holds {info.n} faces without landmarks ({info.dataset}), expected a "
            "labelled data set"
        )
    if len(crops) != info.n or (info.scheme is not None and len(points) != info.n):
        raise DatasetError(
            f"{folder}: {MARKER} says {info.n} faces, the arrays hold {len(crops)}, {len(points)}"
        )
    return PreparedData(info, crops, points)


def _read_info(folder: Path) -> PreparedInfo:
    fields = json.loads((folder / MARKER).read_text(encoding="utf-8"))
    if fields.get("format", 1) > FORMAT:
        raise ValueError(f"format {fields['format']} of a newer version, expected up to {FORMAT}")
    groups = {name: tuple(indices) for name, indices in fields.get("groups", {}).items()}
    return PreparedInfo(**{**fields, "names": tuple(fields["names"]), "groups": groups})
