"""The one warp of the project: a face box of the frame to a square crop, and points both ways.

Example:
    >>> import numpy as np
    >>> from landmarks.boxes import Box
    >>> transform = crop_transform(Box(10, 10, 50, 50), size=64, scale=1.25)
    >>> crop = transform.cut(np.zeros((60, 60, 3), np.uint8))
    >>> crop.shape
    (64, 64, 3)
    >>> points_frame = transform.to_frame(np.array([[31.5, 31.5]]))  # the middle of the crop
    >>> points_frame.round(3).tolist()
    [[30.0, 30.0]]
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from math import atan2, cos, degrees, hypot, radians, sin

import cv2
import numpy as np

from landmarks.boxes import Box
from landmarks.types import Floats, Image, check_image, check_points

DEFAULT_CROP_SCALE = 1.25  # crop side / canonical box side


@dataclass(frozen=True)
class CropTransform:
    """A similarity that maps pixels of the frame to pixels of a square crop.

    Attributes:
        matrix: float64 (2, 3); crop = matrix[:, :2] @ frame + matrix[:, 2].
        size: side of the crop in pixels.
    """

    matrix: Floats
    size: int

    @cached_property
    def inverse(self) -> Floats:
        """The matrix from crop to frame, float64 (2, 3)."""
        return np.asarray(cv2.invertAffineTransform(self.matrix), np.float64)

    @cached_property
    def _from_unit(self) -> Floats:
        """The matrix from 0..1 across the crop to the frame: crop = size * unit - 0.5."""
        a, b, x, c, d, y = self.inverse.ravel().tolist()
        size = self.size
        return np.array(
            [
                [size * a, size * b, x - (a + b) / 2],
                [size * c, size * d, y - (c + d) / 2],
            ]
        )

    @property
    def angle_deg(self) -> float:
        """How far what stands upright in the crop is turned in the frame, clockwise."""
        return degrees(atan2(self.matrix[0, 1], self.matrix[0, 0]))

    @property
    def pixels_per_pixel(self) -> float:
        """How many pixels of the crop one pixel of the frame becomes (below 1: shrinking)."""
        return hypot(self.matrix[0, 0], self.matrix[1, 0])

    def to_crop(self, points_frame: Floats) -> Floats:
        """Map points of shape (..., n, 2) from the frame to the crop, float32."""
        return _apply(self.matrix, points_frame)

    def to_frame(self, points_crop: Floats) -> Floats:
        """Map points of shape (..., n, 2) from the crop to the frame, float32."""
        return _apply(self.inverse, points_crop)

    def to_unit(self, points_frame: Floats) -> Floats:
        """Map points from the frame to 0..1 across the crop: 0 and 1 are its outer edges."""
        return ((self.to_crop(points_frame) + 0.5) / self.size).astype(np.float32)

    def from_unit(self, points_unit: Floats) -> Floats:
        """Map points from 0..1 across the crop to the frame."""
        return _apply(self._from_unit, points_unit)

    def cut(self, image: Image, out: Image | None = None) -> Image:
        """Return the crop of an RGB uint8 frame, uint8 (size, size, 3); outside it is black.

        A face much larger than the crop is first averaged down by a whole factor, because the
        bilinear warp looks at four pixels only and would otherwise alias.

        Args:
            image: RGB uint8.
            out: uint8 (size, size, 3) to write the crop into; a new array when None.
        """
        check_image(image)
        matrix, factor = self.matrix, int(1.0 / self.pixels_per_pixel)
        if factor >= 2:
            image, matrix = self._shrink(image, factor)
        return np.asarray(
            cv2.warpAffine(image, matrix, (self.size, self.size), out, cv2.INTER_LINEAR), np.uint8
        )

    def _shrink(self, image: Image, factor: int) -> tuple[Image, Floats]:
        """Average the part of the frame that the crop needs; return it with its own matrix."""
        last = self.size - 0.5
        corners = self.to_frame(np.array([[-0.5, -0.5], [last, -0.5], [last, last], [-0.5, last]]))
        height, width = image.shape[:2]
        x0, y0 = (np.floor(corners.min(axis=0)) - factor).astype(int)
        x1, y1 = (np.ceil(corners.max(axis=0)) + factor).astype(int)
        x0, y0 = max(x0, 0), max(y0, 0)
        columns = max((min(x1, width) - x0) // factor, 0)
        rows = max((min(y1, height) - y0) // factor, 0)
        if rows == 0 or columns == 0:  # the box lies outside the frame
            return np.zeros((1, 1, 3), np.uint8), self.matrix
        part = image[y0 : y0 + rows * factor, x0 : x0 + columns * factor]
        small = cv2.resize(part, (columns, rows), interpolation=cv2.INTER_AREA)
        # pixel centre q of the small picture is frame pixel factor * q + (factor - 1) / 2 + origin
        origin = np.array([x0, y0]) + (factor - 1) / 2
        linear = self.matrix[:, :2]
        shift = linear @ origin + self.matrix[:, 2]
        return np.asarray(small, np.uint8), np.column_stack([linear * factor, shift])


def crop_transform(
    box: Box,
    *,
    size: int,
    scale: float = DEFAULT_CROP_SCALE,
    angle_deg: float = 0.0,
) -> CropTransform:
    """Return the transform that cuts a face box, enlarged and turned, into a square crop.

    Args:
        box: canonical face box, pixels of the frame; its longer side counts.
        size: side of the crop in pixels.
        scale: side of the cut region divided by the side of the box.
        angle_deg: roll of the face, clockwise on the screen; the crop shows it upright.

    Raises:
        ValueError: the box has no extent, or size or scale is not positive.
    """
    side = max(box.width, box.height) * scale
    if side <= 0 or size <= 0:
        raise ValueError(f"a crop needs a positive side, received {box}, size {size}")
    zoom = size / side
    a, b = zoom * cos(radians(angle_deg)), zoom * sin(radians(angle_deg))
    x, y = box.centre
    middle = (size - 1) / 2
    matrix = np.array([[a, b, middle - a * x - b * y], [-b, a, middle + b * x - a * y]])
    return CropTransform(matrix, size)


def _apply(matrix: Floats, points: Floats) -> Floats:
    points = np.asarray(points)
    check_points(points)
    return (points @ matrix[:, :2].T + matrix[:, 2]).astype(np.float32)
