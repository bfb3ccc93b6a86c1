"""LaPa (Liu et al. 2020): 106 points of 22 000 faces.

Layout: ``{train,val,test}/{images,landmarks}``; a landmark file holds ``106`` in its first line
and then a line ``x y`` for each point. The pictures are ``.jpg``. ``train`` counts 18 168 files,
``val`` and ``test`` 2000 each; the paper prints 18 176 for train.

The owners do not say where coordinates count from; they are used as they stand, counted from 0.
There are no rectangles: PIPNet's author advises the tight box of the landmarks x1.2.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from landmarks.errors import DatasetError
from landmarks.faces import LabelledFace, PictureFile, picture_beside
from landmarks.reading import read_text
from landmarks.schemes import LAPA106
from landmarks.shown import shown
from landmarks.types import Floats
from train.datasets.bad_files import BadFiles
from train.datasets.official_count import check_official_count

OFFICIAL_COUNTS = {"train": 18168, "val": 2000, "test": 2000}


def read_lapa(
    root: Path | str, subset: str, bad: BadFiles | None = None
) -> tuple[LabelledFace, ...]:
    """Read the faces of a subset, sorted by name.

    Args:
        root: the folder of ``train``, ``val`` and ``test``, or of the folder ``LaPa`` with them.
        subset: ``"train"``, ``"val"`` or ``"test"``.
        bad: what to do with bad files; the first one raises when None.

    Raises:
        DatasetError: the folder is missing or empty, or a landmark file is malformed or without
            its picture.
    """
    root, bad = Path(root), bad or BadFiles()
    if subset not in OFFICIAL_COUNTS:
        raise DatasetError(f"LaPa has no subset {subset!r}, expected {', '.join(OFFICIAL_COUNTS)}")
    if (root / "LaPa").is_dir():
        root = root / "LaPa"
    folder = root / subset
    if not (folder / "landmarks").is_dir():
        raise DatasetError(f"{folder / 'landmarks'}: no such folder; --root is LaPa's own folder")
    labels = sorted((folder / "landmarks").glob("*.txt"))
    faces = []
    for label in labels:
        with bad.tolerated():
            picture = PictureFile(picture_beside(label, folder / "images"))
            points, lines = _read_points(label)
            faces.append(LabelledFace(picture, points, listed=str(label), lines=lines))
    check_official_count(folder, len(labels), OFFICIAL_COUNTS[subset])
    return tuple(faces)


def _read_points(path: Path) -> tuple[Floats, tuple[int, ...]]:
    """Return the points and the number of the line of each."""
    lines = read_text(path, what="landmark file", error=DatasetError).splitlines()
    rows = [(number, line) for number, line in enumerate(lines, start=1) if line.strip()]
    n = LAPA106.n_points
    if not rows or rows[0][1].strip() != str(n):
        raise DatasetError(f"{path}:1: expected {n}, received {shown(rows[0][1] if rows else '')}")
    if len(rows) != n + 1:
        raise DatasetError(f"{path}: {len(rows) - 1} points, expected {n}")
    points = np.zeros((n, 2), np.float32)
    for i, (number, line) in enumerate(rows[1:]):
        try:
            x, y = (float(word) for word in line.replace(",", " ").split())
        except ValueError:
            raise DatasetError(f"{path}:{number}: expected 'x y', received {shown(line)}") from None
        points[i] = x, y
    if not np.isfinite(points).all():
        raise DatasetError(f"{path}: a coordinate is not finite")
    return points, tuple(number for number, _ in rows[1:])
