"""The ``.pts`` landmark file of the 300W family: a header, n lines of ``x y``, a brace.

Coordinates in the file count pixels from 1; in the project they count from 0, so that the centre
of the top-left pixel is (0, 0).
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from landmarks.errors import DatasetError
from landmarks.files import atomic_write
from landmarks.types import Floats


def read_pts(path: Path | str) -> Floats:
    """Read the points of a ``.pts`` file.

    Args:
        path: a ``.pts`` file.

    Returns:
        float32 (n, 2), pixels counted from 0.

    Raises:
        DatasetError: the file is missing, malformed, or its count does not match its header.
    """
    path = Path(path)
    try:
        lines = path.read_text(encoding="ascii").splitlines()
    except FileNotFoundError:
        raise DatasetError(f"{path}: no such landmark file") from None
    except UnicodeDecodeError:
        raise DatasetError(f"{path}: not a .pts landmark file (binary data)") from None
    try:
        start = lines.index("{") + 1
        end = lines.index("}", start)
    except ValueError:
        raise DatasetError(f"{path}: not a .pts landmark file (no braces)") from None
    rows = []
    for number, line in enumerate(lines[start:end], start=start + 1):
        try:
            x, y = (float(word) for word in line.split())
        except ValueError:
            raise DatasetError(f"{path}:{number}: expected 'x y', received {line!r}") from None
        rows.append((x, y))
    declared = _declared_count(lines[: start - 1])
    if declared is not None and declared != len(rows):
        raise DatasetError(f"{path}: header says {declared} points, file holds {len(rows)}")
    points = np.asarray(rows, np.float32).reshape(-1, 2) - 1.0
    if not np.isfinite(points).all():
        raise DatasetError(f"{path}: a coordinate is not finite")
    return points


def write_pts(path: Path | str, points_frame: Floats, *, force: bool = False) -> None:
    """Write points (float (n, 2), pixels counted from 0) as a ``.pts`` file."""
    rows = "\n".join(f"{x:.3f} {y:.3f}" for x, y in np.asarray(points_frame) + 1.0)
    text = f"version: 1\nn_points: {len(points_frame)}\n{{\n{rows}\n}}\n"
    with atomic_write(path, force=force) as temporary:
        temporary.write_text(text, encoding="ascii")


def _declared_count(header: list[str]) -> int | None:
    for line in header:
        key, _, value = line.partition(":")
        if key.strip() == "n_points" and value.strip().isdigit():
            return int(value)
    return None
