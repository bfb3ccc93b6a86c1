"""Parts of a frame that a finder looks at one by one, so that small faces are found, too.

A finder sees a frame in a small square: a face of 20 px in 640 x 480 is 7 px there. In a part of
the frame it is larger. Parts are squares that overlap by a fifth of the frame's longer side or
more, so a face up to that size is whole in one of them; larger ones are found in the whole frame.
Any finder can look at parts: a part is a frame of its own.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from edge.finder import Detection, FaceFinder
from landmarks.boxes import Box
from landmarks.find import merge_detections
from landmarks.types import Image

PART_SHARE = 0.6  # side of a part, a share of the frame's longer side


@dataclass(frozen=True)
class Part:
    """A rectangle of a frame, whole pixels; x1 and y1 are the first ones that are not in it."""

    x0: int
    y0: int
    x1: int
    y1: int

    def holds(self, box: Box, frame: Part) -> bool:
        """Say whether a box, pixels of the frame, stays inside the edges that cut the frame."""
        return (
            (self.x0 == frame.x0 or box.x0 > self.x0 - 0.5)
            and (self.y0 == frame.y0 or box.y0 > self.y0 - 0.5)
            and (self.x1 == frame.x1 or box.x1 < self.x1 - 0.5)
            and (self.y1 == frame.y1 or box.y1 < self.y1 - 0.5)
        )


def whole_of(frame: Image) -> Part:
    """Return the part that is the whole frame."""
    height, width = frame.shape[:2]
    return Part(0, 0, width, height)


def parts_of(frame: Image) -> tuple[Part, ...]:
    """Return the overlapping parts that cover a frame: two of a long one, four of a square one."""
    height, width = frame.shape[:2]
    side = int(np.ceil(PART_SHARE * max(height, width)))
    return tuple(
        Part(x0, y0, min(x0 + side, width), min(y0 + side, height))
        for y0 in _starts(height, side)
        for x0 in _starts(width, side)
    )


def search_order(frame: Image) -> tuple[Part, ...]:
    """Return the order in which searches of a film look at its frames, to be begun again.

    The whole frame has every third turn: a face that is large enough is found soon, and a small one
    after all parts had theirs.
    """
    parts = parts_of(frame)
    pairs = (parts[i : i + 2] for i in range(0, len(parts), 2))
    return tuple(place for pair in pairs for place in (whole_of(frame), *pair))


def find_in(finder: FaceFinder, frame: Image, part: Part) -> list[Detection]:
    """Return the faces that a finder sees in a part, pixels of the frame, surest first.

    What an edge of the part cuts is left out: another part, or the whole frame, has it whole.
    """
    found = finder.find(frame[part.y0 : part.y1, part.x0 : part.x1])
    whole = whole_of(frame)
    moved = [detection.moved(part.x0, part.y0) for detection in found]
    return [detection for detection in moved if part.holds(detection.box, whole)]


def find_everywhere(finder: FaceFinder, frame: Image) -> list[Detection]:
    """Return the faces that a finder sees in a frame and in all its parts, surest first."""
    looks = (whole_of(frame), *parts_of(frame))
    found = [detection for part in looks for detection in find_in(finder, frame, part)]
    return merge_detections(found)


def _starts(length: int, side: int) -> tuple[int, ...]:
    return (0,) if length <= side else (0, length - side)
