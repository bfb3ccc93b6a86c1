"""Parts of frames that show no face: where a finder should be silent."""

from __future__ import annotations

import numpy as np

from landmarks.boxes import Box
from landmarks.types import Image
from train.datasets.frames import Frame

LEAST_SIDE_PX = 96
MARGIN = 0.5  # kept free round a face, in sides of its box: hair, ears and chin


def background_of(frame: Frame, picture: Image) -> Image | None:
    """Return the largest part beside, above or below all faces of a frame.

    Args:
        frame: knows the faces, those that a detector doubted too.
        picture: of the frame.

    Returns:
        RGB uint8, at least ``LEAST_SIDE_PX`` on each side; None if there is no such part.
    """
    height, width = picture.shape[:2]
    boxes = [_enlarged(box) for box in (*frame.boxes, *(seen.box for seen in frame.seen))]
    left = _bounded(min((box.x0 for box in boxes), default=0.0), width)
    right = _bounded(max((box.x1 for box in boxes), default=0.0), width)
    top = _bounded(min((box.y0 for box in boxes), default=0.0), height)
    bottom = _bounded(max((box.y1 for box in boxes), default=0.0), height)
    parts = [picture[:, :left], picture[:, right:], picture[:top], picture[bottom:]]
    large = [part for part in parts if min(part.shape[:2]) >= LEAST_SIDE_PX]
    return max(large, key=lambda part: part.size, default=None)


def _enlarged(box: Box) -> Box:
    return Box.from_centre(box.centre, box.width * (1 + 2 * MARGIN))


def _bounded(edge: float, most: int) -> int:
    return int(np.clip(np.rint(edge + 0.5), 0, most))
