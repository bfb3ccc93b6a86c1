"""Where the labels of points go so that none hides another, a point or the frame's edge."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from edge.bench.plots.svg import Point

DISTANCES = (9.0, 16.0, 26.0, 40.0, 58.0, 80.0)
ANGLES_DEG = (0, 180, 35, -35, 145, -145, 90, -90, 60, -60, 120, -120)
POINT_RADIUS, LINE_RADIUS = 8.0, 3.0


@dataclass(frozen=True)
class Area:
    """A rectangle on the plot, pixels."""

    x0: float
    y0: float
    x1: float
    y1: float

    def shared_with(self, other: Area) -> float:
        """Return the area that both cover."""
        width = min(self.x1, other.x1) - max(self.x0, other.x0)
        height = min(self.y1, other.y1) - max(self.y0, other.y0)
        return max(width, 0.0) * max(height, 0.0)

    @property
    def size(self) -> float:
        """Square pixels."""
        return (self.x1 - self.x0) * (self.y1 - self.y0)


@dataclass(frozen=True)
class Placed:
    """A label's place; ``anchor`` is the end that is nearest to its point."""

    area: Area
    anchor: Point


def place_labels(
    points: Sequence[Point],
    sizes: Sequence[tuple[float, float]],
    within: Area,
    lines: Sequence[tuple[Point, Point]] = (),
) -> list[Placed]:
    """Place one label for each point, near it, one after the other.

    Args:
        points: pixels.
        sizes: (width, height) of the labels.
        within: where they must lie.
        lines: that they should not cross.
    """
    taken = [_round(point, POINT_RADIUS) for point in points]
    taken += [_round(point, LINE_RADIUS) for a, b in lines for point in _along(a, b)]
    placed = []
    for point, size in zip(points, sizes, strict=True):
        candidates = [
            _candidate(point, size, distance, angle)
            for distance in DISTANCES
            for angle in ANGLES_DEG
        ]
        # Overlap weighs more than any distance; among free places the first, the nearest, wins.
        best = min(
            candidates,
            key=lambda candidate: (
                sum(candidate.area.shared_with(other) for other in taken)
                + 2 * (candidate.area.size - candidate.area.shared_with(within))
            ),
        )
        taken.append(best.area)
        placed.append(best)
    return placed


def _round(point: Point, radius: float) -> Area:
    x, y = point
    return Area(x - radius, y - radius, x + radius, y + radius)


def _along(a: Point, b: Point) -> list[Point]:
    """Return points of a line, so dense that the areas round them touch."""
    count = max(1, math.ceil(math.dist(a, b) / (2 * LINE_RADIUS)))
    shares = [i / count for i in range(count + 1)]
    return [(a[0] + t * (b[0] - a[0]), a[1] + t * (b[1] - a[1])) for t in shares]


def _candidate(
    point: Point, size: tuple[float, float], distance: float, angle_deg: float
) -> Placed:
    """Return the label whose nearest edge lies at a distance in a direction from its point."""
    (x, y), (width, height) = point, size
    cos, sin = math.cos(math.radians(angle_deg)), -math.sin(math.radians(angle_deg))
    at_x, at_y = x + distance * cos, y + distance * sin
    x0 = at_x - width * (1 - cos) / 2
    y0 = at_y - height * (1 - sin) / 2
    return Placed(Area(x0, y0, x0 + width, y0 + height), (at_x, at_y))
