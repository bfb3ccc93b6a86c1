"""Prepared data: every face cut once into memory-mapped arrays that training reads from.

A prepared folder holds::

    crops.npy          uint8 (faces, size, size, 3), the canonical face box enlarged by ``scale``
    points.npy         float32 (faces, n, 2), pixels of the crop; not there for unlabelled sets
    contact_sheet.jpg  some of the faces with their labels, to look at
    prepared.json      where they come from; written last, so a folder without it is not complete

``train.preparation.prepare`` makes it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from landmarks.boxes import Box
from landmarks.errors import DatasetError
from landmarks.reading import read_text
from landmarks.schemes import SCHEMES, Scheme, get_scheme
from landmarks.shown import one_line, shown
from landmarks.strict_json import parse_json
from landmarks.types import Floats, Image

FORMAT = 2  # 1 had neither groups, terms and skipped nor unlabelled sets; it is still read
MARKER = "prepared.json"
CROPS = "crops.npy"
POINTS = "points.npy"
LARGEST_PREPARED_PX = 2048  # side of a crop; larger ones hold no more of a face
MOST_SIDES = 10  # a landmark lies in its crop, or not far from it
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
        crops = _mapped(folder / CROPS)
        points = np.zeros((0, 0, 2), np.float32)
        if info.scheme is not None:
            points = _mapped(folder / POINTS)
    except FileNotFoundError as error:
        raise DatasetError(
            f"{folder}: not a prepared folder ({Path(error.filename).name} is missing): run "
            f"python -m train prepare DATASET --root DIR --out {folder}"
        ) from None
    except (TypeError, KeyError, ValueError, AttributeError, EOFError, OverflowError) as error:
        raise DatasetError(f"{folder}: damaged prepared folder ({error}), prepare again") from None
    if info.scheme is None and labelled:
        raise DatasetError(
            f"{folder}: holds {info.n} faces without landmarks ({info.dataset}), expected a "
            "labelled data set"
        )
    _check_arrays(folder, info, crops, points)
    return PreparedData(info, crops, points)


def _mapped(path: Path) -> Any:
    """Return a read-only map of an array."""
    if path.exists() and not path.is_file():
        raise ValueError(f"{path.name} is no regular file")
    return np.lib.format.open_memmap(path, mode="r")


def _check_arrays(folder: Path, info: PreparedInfo, crops: Any, points: Floats) -> None:
    """Refuse arrays that are not what the description says, and points that are none.

    Raises:
        DatasetError: so it is.
    """
    expected: list[tuple[str, Any, Any, tuple[int, ...]]] = [
        (CROPS, crops, np.uint8, (info.n, info.size, info.size, 3))
    ]
    if info.scheme is not None:
        n_points = SCHEMES[info.scheme].n_points
        expected.append((POINTS, points, np.float32, (info.n, n_points, 2)))
    for name, array, dtype, shape in expected:
        if array.dtype != dtype or array.shape != shape:
            raise DatasetError(
                f"{folder}: {name} is {array.dtype} {array.shape}, but {MARKER} says "
                f"{np.dtype(dtype)} {shape}: prepare again"
            )
    wrong = ~(np.abs(points) < MOST_SIDES * info.size).all(axis=(1, 2))  # NaN is not below
    if wrong.any():
        face = int(wrong.argmax())
        raise DatasetError(
            f"{folder}: {POINTS} has no landmarks for face {face} ({one_line(info.names[face])}), "
            "but what is not finite or far from the crop: prepare again"
        )


def _read_info(folder: Path) -> PreparedInfo:
    path = folder / MARKER
    path.stat()  # FileNotFoundError: it is no prepared folder
    fields = parse_json(read_text(path, what="description of prepared faces", error=DatasetError))
    if not isinstance(fields, dict):
        raise ValueError(f"{MARKER} is {shown(fields)}")
    if type(fields.get("format", 1)) is not int or not 1 <= fields.get("format", 1) <= FORMAT:
        raise ValueError(
            f"format {shown(fields['format'])} of a newer version, expected up to {FORMAT}"
        )
    groups = {name: tuple(indices) for name, indices in fields.get("groups", {}).items()}
    info = PreparedInfo(**{**fields, "names": tuple(fields["names"]), "groups": groups})
    for name, good in {
        "n": type(info.n) is int and info.n > 0,
        "size": type(info.size) is int and 0 < info.size <= LARGEST_PREPARED_PX,
        "scale": type(info.scale) in (int, float) and 0 < info.scale <= 100,
        "scheme": info.scheme is None or info.scheme in list(SCHEMES),
        "names": len(info.names) == info.n and all(isinstance(n, str) for n in info.names),
        "groups": all(
            type(i) is int and 0 <= i < info.n for indices in groups.values() for i in indices
        ),
    }.items():
        if not good:
            raise ValueError(f"{name} is {shown(getattr(info, name))}")
    return info
