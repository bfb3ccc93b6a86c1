"""The ``.pts`` landmark file of the 300W family: a header, n lines of ``x y``, a brace.

Coordinates in the file count pixels from 1; in the project they count from 0, so that the centre
of the top-left pixel is (0, 0).
"""

from __future__ import annotations

from math import isfinite
from pathlib import Path

import numpy as np

from landmarks.errors import DatasetError
from landmarks.files import atomic_write
from landmarks.reading import read_text
from landmarks.shown import shown
from landmarks.types import Floats


def read_pts(path: Path | str) -> Floats:
    """Read the points of a ``.pts`` file; see ``read_pts_lines``."""
    return read_pts_lines(path)[0]


def read_pts_lines(path: Path | str) -> tuple[Floats, tuple[int, ...]]:
    """Read the points of a ``.pts`` file and the number of the line of each.

    The format has no standard: a byte order mark, blank lines, blanks round a brace, comments in
    the header and a comma between the numbers are read as what they mean.

    Args:
        path: a ``.pts`` file.

    Returns:
        float32 (n, 2), pixels counted from 0, and n line numbers from 1.

    Raises:
        DatasetError: the file is missing, malformed, or its count does not match its header.
    """
    path = Path(path)
    text = read_text(path, what=".pts landmark file", error=DatasetError)
    lines = [line.strip() for line in text.splitlines()]
    try:
        start = lines.index("{") + 1
        end = lines.index("}", start)
    except ValueError:
        raise DatasetError(f"{path}: not a .pts landmark file (no braces)") from None
    rows, numbers = [], []
    for number, line in enumerate(lines[start:end], start=start + 1):
        if not line:
            continue
        try:
            x, y = (float(word) for word in line.replace(",", " ").split())
        except ValueError:
            raise DatasetError(f"{path}:{number}: expected 'x y', received {shown(line)}") from None
        if not (isfinite(x) and isfinite(y)):
            raise DatasetError(f"{path}:{number}: a coordinate is not finite")
        rows.append((x, y))
        numbers.append(number)
    declared = _declared_count(lines[: start - 1])
    if declared is not None and declared != len(rows):
        raise DatasetError(f"{path}: header says {declared} points, file holds {len(rows)}")
    if not rows:
        raise DatasetError(f"{path}: holds no points")
    with np.errstate(over="ignore"):  # beyond float32 it is infinite: see labels.py
        points = np.asarray(rows, np.float64).astype(np.float32) - 1.0
    return points, tuple(numbers)


def write_pts(path: Path | str, points_frame: Floats, *, force: bool = False) -> None:
    """Write points (float (n, 2), pixels counted from 0) as a ``.pts`` file."""
    rows = "\n".join(f"{x:.3f} {y:.3f}" for x, y in np.asarray(points_frame) + 1.0)
    text = f"version: 1\nn_points: {len(points_frame)}\n{{\n{rows}\n}}\n"
    with atomic_write(path, force=force) as temporary:
        temporary.write_text(text, encoding="ascii")


def _declared_count(header: list[str]) -> int | None:
    for line in header:
        key, _, value = line.partition(":")
        if key.strip() == "n_points" and value.strip().isdecimal():
            return int(value[:20])  # Python refuses to read thousands of digits
    return None
