"""The faces that a model fails on, to be looked at."""

from __future__ import annotations

import numpy as np

from edge.bench.answer_picture import SIDE, draw_answer, titled_row
from landmarks.score import Score
from landmarks.types import Image

FACES = 8


def worst_row(title: str, score: Score) -> Image:
    """Return the faces with the largest errors, the worst first; labels white, answers green.

    Args:
        title: what was measured; the mean error and those of the faces are written behind it.
        score: of any number of faces; where there are fewer than ``FACES``, the rest is black.
    """
    worst = sorted(score.found, key=lambda entry: -entry.error)[:FACES]
    pictures = [
        draw_answer(entry.face.picture.read(), entry.face.points_frame, entry.points_frame)
        for entry in worst
    ]
    pictures += [np.zeros((SIDE, SIDE, 3), np.uint8)] * (FACES - len(worst))
    errors = ", ".join(f"{100 * entry.error:.1f}" for entry in worst)
    return titled_row(f"{title}: mean {score.nme_percent:.2f} %, these {errors}", pictures)
