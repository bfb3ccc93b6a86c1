"""Boxes, and the one canonical face box that every crop is cut from.

The canonical box is the square round the centre of the tight box of the landmarks, with the longer
side of that tight box. Data sets and detectors draw other boxes; a ``BoxConvention`` says how one
of them maps to the canonical box.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite, sqrt

from landmarks.types import Floats, check_points


@dataclass(frozen=True)
class Box:
    """An axis-aligned box in pixels of the frame; edges are real numbers, pixel centres integers.

    Attributes:
        x0, y0: left and top edge.
        x1, y1: right and bottom edge, not smaller than x0 and y0.
    """

    x0: float
    y0: float
    x1: float
    y1: float

    def __post_init__(self) -> None:
        if not all(map(isfinite, (self.x0, self.y0, self.x1, self.y1))):
            raise ValueError(f"a box needs finite edges, received {self}")
        if self.x1 < self.x0 or self.y1 < self.y0:
            raise ValueError(f"a box needs x0 <= x1 and y0 <= y1, received {self}")

    @classmethod
    def from_centre(cls, centre: tuple[float, float], side: float) -> Box:
        """Make a square box from its centre (x, y) and side in pixels."""
        x, y = centre
        return cls(x - side / 2, y - side / 2, x + side / 2, y + side / 2)

    @property
    def width(self) -> float:
        """Width in pixels."""
        return self.x1 - self.x0

    @property
    def height(self) -> float:
        """Height in pixels."""
        return self.y1 - self.y0

    @property
    def area(self) -> float:
        """Area in square pixels."""
        return self.width * self.height

    @property
    def centre(self) -> tuple[float, float]:
        """Centre (x, y) in pixels."""
        return (self.x0 + self.x1) / 2, (self.y0 + self.y1) / 2

    @property
    def square(self) -> Box:
        """The square of its longer side round the same centre."""
        return Box.from_centre(self.centre, max(self.width, self.height))

    def resized(self, zoom_x: float, zoom_y: float) -> Box:
        """Return the same box in a picture that is resized; pixel 0 begins at -0.5."""
        x0, x1 = ((x + 0.5) * zoom_x - 0.5 for x in (self.x0, self.x1))
        y0, y1 = ((y + 0.5) * zoom_y - 0.5 for y in (self.y0, self.y1))
        return Box(x0, y0, x1, y1)


@dataclass(frozen=True)
class BoxConvention:
    """Where the canonical box lies relative to somebody's face box.

    Attributes:
        dx, dy: shift of the centre, in units of the foreign box's side sqrt(width * height).
        scale: side of the canonical box divided by that side.
    """

    dx: float
    dy: float
    scale: float

    def to_canonical(self, box: Box) -> Box:
        """Map a box of this convention to the canonical face box."""
        side = sqrt(box.area)
        x, y = box.centre
        return Box.from_centre((x + self.dx * side, y + self.dy * side), self.scale * side)


def tight_box(points_frame: Floats) -> Box:
    """Return the smallest box round points of shape (n, 2)."""
    check_points(points_frame)
    return Box(*points_frame.min(axis=0).tolist(), *points_frame.max(axis=0).tolist())


def face_box(points_frame: Floats) -> Box:
    """Return the canonical face box of landmarks of shape (n, 2), pixels of the frame."""
    return tight_box(points_frame).square


def intersection_over_union(a: Box, b: Box) -> float:
    """Return the IoU of two boxes, 0 to 1; two empty boxes have 0."""
    width = min(a.x1, b.x1) - max(a.x0, b.x0)
    height = min(a.y1, b.y1) - max(a.y0, b.y0)
    shared = max(width, 0.0) * max(height, 0.0)
    union = a.area + b.area - shared
    return shared / union if union > 0 else 0.0
