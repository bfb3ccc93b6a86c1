"""Where the landmarks of a face are looked for: a box, and how far the face in it is turned.

A network is taught on faces that stand nearly upright, so a tracked face is turned upright by its
own roll before it is seen again: on moving heads that takes a twentieth off the error and a third
off the tremble (experiment E13 in docs/experiments.md).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, hypot, radians, sin

import numpy as np

from landmarks.boxes import Box, face_box, tight_box
from landmarks.types import Floats

# A crop that is cut anew from landmarks that jitter makes them jitter more. Within this share of
# the side, or that many radians of roll, a region stays as it is; so a still face settles.
DEAD_BAND = 0.02
# A face that went farther than this share of its side since the frame before is looked for ahead of
# where it is, by so much of that step: a slow one is seen as ever, a fast one is lost less often.
LEAD_FROM, LEAD = 0.05, 0.7


@dataclass(frozen=True)
class Region:
    """Where a face is.

    Attributes:
        box: the canonical face box that the face would have if it stood upright, about the same
            centre; pixels of the frame.
        roll_deg: how far it is turned, clockwise on the screen.
    """

    box: Box
    roll_deg: float = 0.0

    def spans(self, box: Box, times: float) -> bool:
        """Say whether a box lies in the region's own enlarged so many times."""
        x, y = self.box.centre
        reach = times * self.box.width / 2
        return max(x - box.x0, box.x1 - x, y - box.y0, box.y1 - y) <= reach


def region_of(points_frame: Floats, roll_deg: float) -> Region:
    """Return the region of landmarks (n, 2) that are turned by ``roll_deg``."""
    if roll_deg == 0:
        return Region(face_box(points_frame))
    a, b = cos(radians(roll_deg)), sin(radians(roll_deg))
    tight = tight_box(points_frame @ np.array([[a, -b], [b, a]]))  # turned back by the roll
    x, y = tight.centre
    side = max(tight.width, tight.height)
    return Region(Box.from_centre((a * x - b * y, b * x + a * y), side), roll_deg)


def settle(old: Region, new: Region) -> Region:
    """Return the old region if the new one differs by no more than the dead band, else the new."""
    side = old.box.width
    (x, y), (x_new, y_new) = old.box.centre, new.box.centre
    turn_deg = (new.roll_deg - old.roll_deg + 180) % 360 - 180
    still = (
        max(abs(x_new - x), abs(y_new - y), abs(new.box.width - side)) <= DEAD_BAND * side
        and abs(radians(turn_deg)) <= DEAD_BAND
    )
    return old if still else new


def ahead(before: Region, now: Region) -> Region:
    """Return where to look for a face that went from one region to the next."""
    (x, y), (x_now, y_now) = before.box.centre, now.box.centre
    step_x, step_y = x_now - x, y_now - y
    if hypot(step_x, step_y) <= LEAD_FROM * now.box.width:
        return now
    centre = (x_now + LEAD * step_x, y_now + LEAD * step_y)
    return Region(Box.from_centre(centre, now.box.width), now.roll_deg)
