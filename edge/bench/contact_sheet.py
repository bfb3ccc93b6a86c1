"""A sheet to check preprocessing by eye: the answers of all subjects to the same faces."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from edge.bench.subject import Subject
from edge.bench.worst import SIDE, draw_answer
from landmarks.faces import LabelledFace
from landmarks.types import Image

FACES = 8
TITLE_HEIGHT = 22


def contact_sheet(subjects: Sequence[Subject], faces: Sequence[LabelledFace]) -> Image:
    """Return one line of faces for each subject: labels white, answers green, RGB uint8."""
    shown = [faces[i] for i in np.linspace(0, len(faces) - 1, min(FACES, len(faces))).astype(int)]
    lines = []
    for subject in subjects:
        title = np.zeros((TITLE_HEIGHT, SIDE * len(shown), 3), np.uint8)
        cv2.putText(
            title,
            f"{subject.facts.name} ({subject.facts.note})",
            (6, TITLE_HEIGHT - 7),
            cv2.FONT_HERSHEY_SIMPLEX,
            0.45,
            (255, 255, 255),
            1,
            cv2.LINE_AA,
        )
        lines += [title, np.hstack([draw_answer(subject, face) for face in shown])]
    return np.vstack(lines)
