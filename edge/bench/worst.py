"""The faces that a subject gets wrong most, with labels and answer drawn in."""

from __future__ import annotations

import base64
from collections.abc import Sequence

import cv2
import numpy as np

from edge.bench.report import WorstFace
from edge.bench.subject import Subject
from landmarks.boxes import face_box
from landmarks.crop import crop_transform
from landmarks.faces import LabelledFace
from landmarks.types import Floats, Image

COUNT = 10
SIDE, SCALE = 180, 1.45  # of the pictures: pixels, and what they show of the canonical box
LABEL_RGB, ANSWER_RGB = (255, 255, 255), (60, 230, 120)
JPEG_QUALITY = 82
SUBPIXEL_BITS = 4


def worst_faces(
    subject: Subject,
    faces: Sequence[LabelledFace],
    errors_percent: Sequence[float],
    *,
    pictures: bool,
) -> tuple[WorstFace, ...]:
    """Return the faces with the largest errors, largest first.

    Args:
        subject: gives the answers to draw.
        faces: all faces of the run.
        errors_percent: of each of them.
        pictures: draw them; without, only names and errors are kept.
    """
    order = np.argsort(errors_percent)[::-1][:COUNT]
    return tuple(
        WorstFace(
            name=faces[index].picture.name,
            nme_percent=errors_percent[index],
            jpeg_base64=_jpeg(draw_answer(subject, faces[index])) if pictures else None,
        )
        for index in order.tolist()
    )


def draw_answer(subject: Subject, face: LabelledFace) -> Image:
    """Return a labelled face, RGB uint8 (SIDE, SIDE, 3): labels white, answer and boxes green."""
    image = face.picture.read()
    box = face_box(face.points_frame)
    transform = crop_transform(box, size=SIDE, scale=SCALE)
    canvas = transform.cut(image).copy()
    answer = subject.answer(image, box)
    _dots(canvas, transform.to_crop(face.points_frame), LABEL_RGB, 1.2)
    if answer.face is not None:
        _dots(canvas, transform.to_crop(answer.face.points_frame), ANSWER_RGB, 1.6)
    for found in answer.boxes:
        corners = np.array([[found.x0, found.y0], [found.x1, found.y1]])
        (x0, y0), (x1, y1) = np.rint(transform.to_crop(corners)).astype(int).tolist()
        cv2.rectangle(canvas, (x0, y0), (x1, y1), ANSWER_RGB, 1, cv2.LINE_AA)
    return canvas


def _dots(canvas: Image, points: Floats, rgb: tuple[int, int, int], radius: float) -> None:
    one = 1 << SUBPIXEL_BITS
    for x, y in np.rint(points * one).astype(int).tolist():
        cv2.circle(canvas, (x, y), int(radius * one), rgb, -1, cv2.LINE_AA, SUBPIXEL_BITS)


def _jpeg(image: Image) -> str:
    bgr = cv2.cvtColor(image, cv2.COLOR_RGB2BGR)
    _, data = cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
    return base64.b64encode(data.tobytes()).decode("ascii")
