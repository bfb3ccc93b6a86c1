"""The door for pictures: whatever is no picture of the promised kind is refused in one line."""

from __future__ import annotations

from typing import Any, Literal, get_args

import numpy as np

from landmarks.types import Image

Color = Literal["rgb", "bgr"]
"""The order of the colours: ``bgr`` is OpenCV's, ``rgb`` everybody else's."""


def check_color(color: str) -> None:
    """Raise ValueError unless ``color`` is one of ``Color``."""
    if color not in get_args(Color):
        raise ValueError(f"color={color!r}, expected one of {', '.join(get_args(Color))}")


def as_rgb(picture: Any, color: Color) -> Image:
    """Return a picture as RGB uint8 (height, width, 3), contiguous; without a copy where it is.

    Args:
        picture: uint8 (height, width, 3).
        color: the order of its colours.

    Raises:
        TypeError: it is no NumPy array.
        ValueError: another shape or dtype.
    """
    if not isinstance(picture, np.ndarray):
        hint = (
            "cv2.imread gives None for a file that it cannot read"
            if picture is None
            else "numpy.asarray(picture.convert('RGB')) makes one of a Pillow image"
        )
        raise TypeError(f"expected a NumPy array, received {type(picture).__name__}: {hint}")
    if picture.dtype != np.uint8 or picture.ndim != 3 or picture.shape[2] != 3 or not picture.size:
        raise ValueError(
            f"expected a uint8 picture of shape (height, width, 3), received {picture.dtype} "
            f"{picture.shape}: {_hint(picture)}"
        )
    rgb = picture if color == "rgb" else picture[..., ::-1]
    return np.ascontiguousarray(rgb)


def _hint(picture: np.ndarray[Any, Any]) -> str:
    if picture.size == 0:
        return "it is empty"
    if picture.dtype != np.uint8:
        return "scale it to 0..255 and give .astype(numpy.uint8)"
    if picture.ndim == 2 or picture.ndim == 3 and picture.shape[2] == 1:
        return "numpy.dstack([grey] * 3) makes one of a grey picture"
    if picture.ndim == 3 and picture.shape[2] == 4:
        return "picture[..., :3] leaves the transparency out"
    return "give one picture at a time, colours last"
