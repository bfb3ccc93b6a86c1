"""A whole frame as the square input of a detector, by the one warp of the project."""

from __future__ import annotations

from landmarks.boxes import Box
from landmarks.crop import CropTransform, crop_transform
from landmarks.types import Image


def letterbox(frame: Image, size: int) -> CropTransform:
    """Return the transform that fits a whole frame into a square, black round it."""
    height, width = frame.shape[:2]
    middle = ((width - 1) / 2, (height - 1) / 2)
    return crop_transform(Box.from_centre(middle, max(height, width)), size=size, scale=1.0)
