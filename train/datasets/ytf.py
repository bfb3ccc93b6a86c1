"""YouTube-Faces frames with 68 points, as a course of facial keypoints hands them out.

Layout: ``{training,test}_frames_keypoints.csv``, a header line and then ``picture,x0,y0,...``; the
pictures in ``training/`` and ``test/``. 3462 rows train, 770 test. Labels are automatic, rounded to
whole pixels and weaker on profiles: a second domain to measure on rather than to learn from, hence
``test`` comes first. Coordinates are used as they stand. Nobody says where they count from: seen
by a network trained on 300W they lie 1.4 pixels further right and 0.6 lower, so it may be 1.
"""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np

from landmarks.errors import DatasetError
from landmarks.faces import LabelledFace, PictureFile
from landmarks.schemes import IBUG68
from landmarks.types import Floats
from train.datasets.bad_files import BadFiles
from train.datasets.official_count import check_official_count

OFFICIAL_COUNTS = {"test": 770, "train": 3462}
PARTS = {"test": "test", "train": "training"}


def read_ytf(
    root: Path | str, subset: str, bad: BadFiles | None = None
) -> tuple[LabelledFace, ...]:
    """Read the faces of a subset in the order of its table.

    Args:
        root: the folder of the tables.
        subset: ``"test"`` or ``"train"``.
        bad: what to do with bad rows; the first one raises when None.

    Raises:
        DatasetError: the table is missing, none of its pictures is there, or a row is malformed.
    """
    root, bad = Path(root), bad or BadFiles()
    if subset not in PARTS:
        raise DatasetError(f"ytf has no subset {subset!r}, expected {', '.join(PARTS)}")
    table = root / f"{PARTS[subset]}_frames_keypoints.csv"
    if not table.is_file():
        raise DatasetError(f"{table}: no such table of points")
    faces, absent, left_out = [], [], len(bad.messages)
    with table.open(newline="", encoding="utf-8") as file:
        rows = csv.reader(file)
        next(rows, None)  # the header
        for row in rows:
            with bad.tolerated():
                points = _parse(f"{table}:{rows.line_num}", row)
                picture = PictureFile(root / PARTS[subset] / row[0])
                if picture.path.is_file():
                    faces.append(LabelledFace(picture, points))
                else:
                    absent.append(picture.path)
    left_out = len(bad.messages) - left_out
    check_official_count(table, len(faces) + left_out, OFFICIAL_COUNTS[subset], absent=absent)
    return tuple(faces)


def _parse(where: str, row: list[str]) -> Floats:
    expected = 1 + 2 * IBUG68.n_points
    if len(row) != expected:
        raise DatasetError(f"{where}: {len(row)} columns, expected {expected}")
    try:
        points = np.array([float(cell) for cell in row[1:]], np.float32).reshape(-1, 2)
    except ValueError as error:
        raise DatasetError(f"{where}: {error}") from None
    if not np.isfinite(points).all():
        raise DatasetError(f"{where}: a coordinate is not finite")
    return points
