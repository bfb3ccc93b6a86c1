"""Errors of a subject on labelled faces, by the one evaluation of ``landmarks.measure``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from edge.bench.subject import Subject
from landmarks.boxes import Box, face_box, intersection_over_union
from landmarks.faces import LabelledFace
from landmarks.locate import LocatedFace
from landmarks.measure import score_answers
from landmarks.schemes import get_scheme
from landmarks.types import Image

MIN_IOU = 0.3  # below it a detection is another face; detectors draw other boxes than ours


@dataclass(frozen=True)
class Accuracy:
    """What a subject gets right on the faces of a run.

    Attributes:
        figures: NME, failure rates, AUC and errors by region under the names of
            ``Score.to_dict``; for a detector ``recall_percent`` at ``min_iou``.
        errors_percent: NME of each face in the order of the faces; empty for a detector.
    """

    figures: Mapping[str, Any]
    errors_percent: tuple[float, ...] = ()

    @property
    def nme_percent(self) -> float | None:
        """Mean NME, None for a detector."""
        value = self.figures.get("nme_percent")
        return None if value is None else float(value)


def accuracy_of(subject: Subject, faces: Sequence[LabelledFace]) -> Accuracy:
    """Measure a subject on labelled faces, in boxes of the labels.

    Raises:
        DatasetError: its landmarks cannot be compared with the labels.
    """
    if subject.facts.scheme is None:
        return _recall(subject, faces)

    def locate(image: Image, box: Box) -> LocatedFace:
        answer = subject.answer(image, box).face
        assert answer is not None  # a subject with a scheme answers with landmarks
        return answer

    result = score_answers(locate, get_scheme(subject.facts.scheme), faces)
    errors = tuple(round(100 * float(error), 4) for error in result.errors)
    return Accuracy({**result.to_dict(), "boxes": "labels"}, errors)


def _recall(subject: Subject, faces: Sequence[LabelledFace]) -> Accuracy:
    hits = 0
    for face in faces:
        truth = face_box(face.points_frame)
        found = subject.answer(face.picture.read(), truth).boxes
        hits += any(intersection_over_union(box, truth) >= MIN_IOU for box in found)
    figures = {"n": len(faces), "recall_percent": 100 * hits / len(faces), "min_iou": MIN_IOU}
    return Accuracy(figures)
