"""Which part of a picture is looked at, and which way up: turned, mirrored, cut."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import cv2
import numpy as np

from edge.stream import Frame
from landmarks.errors import UsageError
from landmarks.types import Image

_TURNS = {
    90: cv2.ROTATE_90_CLOCKWISE,
    180: cv2.ROTATE_180,
    270: cv2.ROTATE_90_COUNTERCLOCKWISE,
}


@dataclass(frozen=True)
class Region:
    """A rectangle of a picture, in whole pixels.

    Attributes:
        x, y: of its top-left pixel.
        width, height: at least 1.
    """

    x: int
    y: int
    width: int
    height: int

    @classmethod
    def parse(cls, text: str) -> Region:
        """Read ``X,Y,WIDTH,HEIGHT``.

        Raises:
            ValueError: it is not of this form.
        """
        x, y, width, height = (int(part) for part in text.split(","))
        if min(x, y) < 0 or min(width, height) < 1:
            raise ValueError(text)
        return cls(x, y, width, height)


@dataclass(frozen=True)
class View:
    """What is done to each picture before anything else sees it, in this order.

    Attributes:
        rotate_deg: 0, 90, 180 or 270, clockwise.
        flip: mirror left and right.
        roi: the part that is kept; None: all of it.
    """

    rotate_deg: int = 0
    flip: bool = False
    roi: Region | None = None

    def __call__(self, frames: Iterator[Frame]) -> Iterator[Frame]:
        """Return frames of this view; points are then pixels of what is left.

        Raises:
            UsageError: while frames are read: the part reaches beyond a picture.
        """
        return frames if self == View() else (self._of(frame) for frame in frames)

    def _of(self, frame: Frame) -> Frame:
        if frame.image is None:
            return frame
        small = None if frame.small is None or self.roi is not None else self.turned(frame.small)
        return replace(frame, image=self._cut(self.turned(frame.image)), small=small)

    def turned(self, image: Image) -> Image:
        """Return a picture turned and mirrored."""
        if self.rotate_deg:
            image = np.asarray(cv2.rotate(image, _TURNS[self.rotate_deg]), np.uint8)
        return np.asarray(cv2.flip(image, 1), np.uint8) if self.flip else image

    def _cut(self, image: Image) -> Image:
        if self.roi is None:
            return image
        x, y, height, width = self.roi.x, self.roi.y, *image.shape[:2]
        if x + self.roi.width > width or y + self.roi.height > height:
            raise UsageError(
                f"--roi {x},{y},{self.roi.width},{self.roi.height} reaches beyond a picture of "
                f"{width} x {height} pixels"
            )
        return np.ascontiguousarray(image[y : y + self.roi.height, x : x + self.roi.width])
