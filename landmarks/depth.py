"""Pixels of 16 bits to 8, by how many bits are used and not by how many there is room for.

Infrared and thermal cameras put 10, 12 or 14 bits into 16: read by the container, such a picture is
a 64th to a quarter as bright as it was, black to a network.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from landmarks.types import Image

USED_BITS = (8, 10, 12, 14, 16)
BRIGHTEST_PERCENT = 99.9  # what is brighter are defects of the sensor
SAMPLE = 1 << 20  # values that are looked at


def to_8_bits(deep: npt.NDArray[Any]) -> Image:
    """Return 16-bit pixels as 8-bit ones, whatever part of the range they use.

    The used bits are the fewest of ``USED_BITS`` that hold nearly all pixels, so that frames of one
    camera keep one brightness.

    Args:
        deep: uint16, any shape.

    Returns:
        uint8 of the same shape.
    """
    eight = np.minimum(deep >> np.uint16(used_bits(deep) - 8), np.uint16(255))
    return np.asarray(eight, np.uint8)


def used_bits(deep: npt.NDArray[Any]) -> int:
    """Return how many bits 16-bit pixels use: one of ``USED_BITS``."""
    values = deep.ravel()
    values = values[:: max(1, len(values) // SAMPLE)]
    brightest = np.percentile(values, BRIGHTEST_PERCENT)
    return next(bits for bits in USED_BITS if brightest < 1 << bits)
