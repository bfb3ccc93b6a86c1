"""Draw the numbers of the 68 points, the picture of ``docs/library.md``.

::

    python -m tests.draw_points --out docs/points68.png
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from command_line.command import run_command
from edge_landmarks.parts import PARTS
from landmarks.canonical_face import canonical_face
from landmarks.pictures import write_picture
from landmarks.types import Floats, Image

SIZE = (760, 770)  # width and height, pixels
EYE_DISTANCE_PX = 430
MIDDLE_OF_EYES_PX = (380, 190)
JAW_DROP = 0.13  # of the eye distance, so that the numbers of the two lips lie apart
LOWER_LIP = [55, 56, 57, 58, 59, 65, 66, 67]
CLOSED_PARTS = ("left_eye", "right_eye", "outer_lips", "inner_lips")
PAPER, LINE, INK = (255, 255, 255), (190, 200, 210), (30, 40, 60)
DOT_PX, LABEL_SIZE = 3, 0.45
# where the number of a point stands beside it; below where it is in none of these
ABOVE = {*range(17, 27), *range(36, 40), *range(42, 46), *range(49, 54), 61, 62, 63, *range(6, 11)}
RIGHT = {*range(6), *range(27, 31), 54, 60}
LEFT = {*range(11, 17), 48, 64}


def index_picture() -> Image:
    """Return the canonical face from the front with the number of each point, RGB uint8."""
    width, height = SIZE
    picture = np.full((height, width, 3), PAPER, np.uint8)
    points = _points_px()
    for name, numbers in PARTS.items():
        line = np.rint(points[list(numbers)] * 16).astype(np.int32)
        cv2.polylines(picture, [line], name in CLOSED_PARTS, LINE, 2, cv2.LINE_AA, shift=4)
    for number, place in enumerate(points):
        cv2.circle(picture, np.rint(place).astype(int).tolist(), DOT_PX, INK, -1, cv2.LINE_AA)
        _label(picture, str(number), place + _shift_px(number))
    for name, place in _names_px(points).items():
        _label(picture, name, place)
    return picture


def _points_px() -> Floats:
    face = canonical_face()[:, :2].copy()
    face[LOWER_LIP, 1] += JAW_DROP
    face[4:13, 1] += 0.6 * JAW_DROP
    return EYE_DISTANCE_PX * face + MIDDLE_OF_EYES_PX


def _names_px(points: Floats) -> dict[str, Floats]:
    """Return where the name of each part stands: middle of its text, pixels."""
    shifts_px = {
        "jaw": (0, 150),
        "left_brow": (0, -45),
        "right_brow": (0, -45),
        "nose_bridge": (85, 0),
        "nostrils": (0, 36),
        "left_eye": (0, 50),
        "right_eye": (0, 50),
        "outer_lips": (-175, 40),
        "inner_lips": (0, 8),
    }
    return {
        name: points[list(PARTS[name])].mean(axis=0) + shift for name, shift in shifts_px.items()
    }


def _shift_px(number: int) -> tuple[int, int]:
    if number in ABOVE:
        return 0, -8
    if number in RIGHT:
        return 16, 5
    return (-16, 5) if number in LEFT else (0, 18)


def _label(picture: Image, text: str, place: Floats) -> None:
    font = cv2.FONT_HERSHEY_SIMPLEX
    (width, _), _ = cv2.getTextSize(text, font, LABEL_SIZE, 1)
    corner = round(place[0] - width / 2), round(place[1])
    cv2.putText(picture, text, corner, font, LABEL_SIZE, INK, 1, cv2.LINE_AA)


def main(argv: Sequence[str]) -> None:
    """Write the picture."""
    parser = argparse.ArgumentParser(prog="python -m tests.draw_points")
    parser.add_argument("--out", type=Path, required=True, help="picture to write")
    parser.add_argument("--force", action="store_true", help="replace it")
    arguments = parser.parse_args(argv)
    write_picture(arguments.out, index_picture(), force=arguments.force)


if __name__ == "__main__":
    sys.exit(run_command(main))
