"""What OpenCV's video readers give, as RGB: BGR of 8 bits, or grey of 16 from infrared cameras."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from landmarks.depth import to_8_bits
from landmarks.types import Image

# Grey of 16 bits: FFmpeg's name of the pixels of a film, and V4L2's of those of a camera.
_DEEP_GREY = (b"Y1\x00\x10", b"Y16 ")


def ask_for_all_bits(capture: cv2.VideoCapture, pixel_format: float) -> None:
    """Ask for 16-bit grey as it is: OpenCV would keep its upper 8 bits, of which few are used.

    Args:
        capture: an open reader.
        pixel_format: four characters in a number, as its properties say.
    """
    if int(pixel_format).to_bytes(8, "little", signed=True)[:4] in _DEEP_GREY:
        capture.set(cv2.CAP_PROP_CONVERT_RGB, 0)


def rgb_of(raw: npt.NDArray[Any]) -> Image:
    """Return RGB uint8 (height, width, 3).

    Args:
        raw: BGR uint8 (height, width, 3), or grey uint16 (height, width).
    """
    if raw.dtype == np.uint16:
        grey = to_8_bits(raw.reshape(raw.shape[:2]))
        return np.asarray(cv2.cvtColor(grey, cv2.COLOR_GRAY2RGB), np.uint8)
    return np.asarray(cv2.cvtColor(raw, cv2.COLOR_BGR2RGB), np.uint8)
