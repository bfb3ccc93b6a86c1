"""Frames that are made harder, with their faces: dark, blurred, turned in the plane."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from math import cos, radians, sin

import cv2
import numpy as np

from landmarks.boxes import Box
from landmarks.types import Floats, Image
from train.datasets.frames import Frame, Seen

DARK_SHARE = 0.15  # of the light that is left
BLUR_SHARE = 0.008  # standard deviation of the blur, a share of the frame's longer side

Trial = Callable[[Frame, Image], tuple[Frame, Image]]


def dark(frame: Frame, picture: Image) -> tuple[Frame, Image]:
    """Return a frame with little light."""
    return frame, np.rint(picture * DARK_SHARE).astype(np.uint8)


def blurred(frame: Frame, picture: Image) -> tuple[Frame, Image]:
    """Return a frame that is out of focus."""
    sigma_px = BLUR_SHARE * max(picture.shape[:2])
    return frame, np.asarray(cv2.GaussianBlur(picture, (0, 0), sigma_px), np.uint8)


def rolled(frame: Frame, picture: Image, *, roll_deg: float) -> tuple[Frame, Image]:
    """Return a frame that is turned clockwise about its middle, enlarged so that all of it shows.

    The box of a face turns with its centre; its side stays.
    """
    height, width = picture.shape[:2]
    a, b = cos(radians(roll_deg)), sin(radians(roll_deg))
    linear = np.array([[a, -b], [b, a]])
    size = np.ceil((np.abs(linear) @ (width, height)).round(6)).astype(int)
    middle = (np.array([width, height]) - 1) / 2
    shift = (size - 1) / 2 - linear @ middle
    turned = cv2.warpAffine(picture, np.column_stack([linear, shift]), size.tolist())

    def moved(points: Floats) -> Floats:
        return np.asarray(points @ linear.T + shift, np.float32)

    def seen(face: Seen) -> Seen:
        ((x, y),) = moved(np.array([face.box.centre])).tolist()
        roll = None if face.roll_deg is None else face.roll_deg + roll_deg
        return Seen(Box.from_centre((x, y), face.box.width), face.score, roll)

    changed = replace(
        frame,
        labelled=tuple(moved(points) for points in frame.labelled),
        seen=tuple(seen(face) for face in frame.seen),
    )
    return changed, np.asarray(turned, np.uint8)


TRIALS: Mapping[str, Trial] = {
    "dark": dark,
    "blurred": blurred,
    "rolled by 45 degrees": partial(rolled, roll_deg=45),
    "rolled by 90 degrees": partial(rolled, roll_deg=90),
}
