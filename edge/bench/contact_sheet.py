"""A sheet to check preprocessing by eye: the answers of all subjects to the same faces."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from edge.bench.answer_picture import titled_row
from edge.bench.subject import Subject
from edge.bench.worst import draw_subject
from landmarks.faces import LabelledFace
from landmarks.spread import evenly_spread
from landmarks.types import Image

FACES = 8


def contact_sheet(subjects: Sequence[Subject], faces: Sequence[LabelledFace]) -> Image:
    """Return one line of faces for each subject: labels white, answers green, RGB uint8."""
    shown = [faces[i] for i in evenly_spread(len(faces), FACES)]
    rows = [
        titled_row(
            f"{subject.facts.name} ({subject.facts.note})",
            [draw_subject(subject, face) for face in shown],
        )
        for subject in subjects
    ]
    return np.vstack(rows)
