"""The faces that a subject gets wrong most, with labels and answer drawn in."""

from __future__ import annotations

import base64
from collections.abc import Sequence

import cv2
import numpy as np

from edge.bench.answer_picture import draw_answer
from edge.bench.report import WorstFace
from edge.bench.subject import Subject
from landmarks.boxes import face_box
from landmarks.faces import LabelledFace
from landmarks.types import Image

COUNT = 10
JPEG_QUALITY = 82


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
            jpeg_base64=_jpeg(draw_subject(subject, faces[index])) if pictures else None,
        )
        for index in order.tolist()
    )


def draw_subject(subject: Subject, face: LabelledFace) -> Image:
    """Return a labelled face with what the subject answers in the box of the labels."""
    image = face.picture.read()
    answer = subject.answer(image, face_box(face.points_frame))
    points_frame = None if answer.face is None else answer.face.points_frame
    return draw_answer(image, face.points_frame, points_frame, answer.boxes)


def _jpeg(image: Image) -> str:
    bgr = cv2.cvtColor(image, cv2.COLOR_RGB2BGR)
    _, data = cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
    return base64.b64encode(data.tobytes()).decode("ascii")
