"""The parts of a face by name: which of the 68 points are the left eye, the nose, the lips.

The numbers are those of 300W (Sagonas et al. 2013), as dlib and most others count them; points of
a scheme that holds the 68 are converted first. The picture of all numbers is in
``docs/library.md``.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np

from landmarks.cross_scheme import to_68
from landmarks.schemes import Scheme
from landmarks.types import Floats

PARTS: Mapping[str, range] = MappingProxyType(
    {
        "jaw": range(17),
        "left_brow": range(17, 22),
        "right_brow": range(22, 27),
        "nose_bridge": range(27, 31),
        "nostrils": range(31, 36),
        "left_eye": range(36, 42),
        "right_eye": range(42, 48),
        "outer_lips": range(48, 60),
        "inner_lips": range(60, 68),
    }
)
"""Name of each part and its numbers in 300w-68; together they are all points, once each."""


def part_of(points: Floats, scheme: Scheme, name: str) -> Floats:
    """Return the points of one part.

    Args:
        points: float32 (n, 2).
        scheme: of the points; 300w-68, or one that ``landmarks.cross_scheme`` takes to it.
        name: one of ``PARTS``.

    Returns:
        float32 (m, 2), in the order of 300w-68.

    Raises:
        ValueError: there is no such part, or the scheme does not hold the 68 points.
    """
    if name not in PARTS:
        raise ValueError(f"no part {name!r}, expected one of {', '.join(PARTS)}")
    return np.asarray(to_68(points, scheme)[list(PARTS[name])], np.float32)
