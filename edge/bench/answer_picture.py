"""Pictures that show an answer beside the truth: one face, and a titled row of them."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from landmarks.boxes import Box, face_box
from landmarks.crop import crop_transform
from landmarks.types import Floats, Image

SIDE, SCALE = 180, 1.45  # of a picture: pixels, and what it shows of the canonical box
TITLE_HEIGHT = 22
LABEL_RGB, ANSWER_RGB = (255, 255, 255), (60, 230, 120)
_SUBPIXEL_BITS = 4


def draw_answer(
    image: Image, labels_frame: Floats, points_frame: Floats | None, boxes: Sequence[Box] = ()
) -> Image:
    """Return a labelled face, RGB uint8 (SIDE, SIDE, 3): labels white, answer and boxes green.

    Args:
        image: the frame.
        labels_frame: (n, 2), the true points.
        points_frame: (m, 2), those of the answer; None where it has none.
        boxes: what a finder answered.
    """
    transform = crop_transform(face_box(labels_frame), size=SIDE, scale=SCALE)
    canvas = transform.cut(image).copy()
    _dots(canvas, transform.to_crop(labels_frame), LABEL_RGB, 1.2)
    if points_frame is not None:
        _dots(canvas, transform.to_crop(points_frame), ANSWER_RGB, 1.6)
    for found in boxes:
        corners = np.array([[found.x0, found.y0], [found.x1, found.y1]])
        (x0, y0), (x1, y1) = np.rint(transform.to_crop(corners)).astype(int).tolist()
        cv2.rectangle(canvas, (x0, y0), (x1, y1), ANSWER_RGB, 1, cv2.LINE_AA)
    return canvas


def titled_row(title: str, pictures: Sequence[Image]) -> Image:
    """Return pictures of one height side by side under a line of text, RGB uint8."""
    row = np.hstack(pictures)
    line = np.zeros((TITLE_HEIGHT, row.shape[1], 3), np.uint8)
    place, font = (6, TITLE_HEIGHT - 7), cv2.FONT_HERSHEY_SIMPLEX
    cv2.putText(line, title, place, font, 0.45, (255, 255, 255), 1, cv2.LINE_AA)
    return np.vstack([line, row])


def _dots(canvas: Image, points: Floats, rgb: tuple[int, int, int], radius: float) -> None:
    one = 1 << _SUBPIXEL_BITS
    for x, y in np.rint(points * one).astype(int).tolist():
        cv2.circle(canvas, (x, y), int(radius * one), rgb, -1, cv2.LINE_AA, _SUBPIXEL_BITS)
