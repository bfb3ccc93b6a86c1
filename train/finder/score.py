"""How well a finder finds: labelled faces that it hits, and boxes that hit nothing.

A labelled face is hit if a detection has an IoU of 0.5 or more with its canonical box. A detection
is false if it hits neither a labelled face nor a face that another detector saw: frames hold faces
that nobody labelled. Each face takes one detection; a second one on the same face is false.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from landmarks.boxes import intersection_over_union
from landmarks.find import Detection
from train.datasets.frames import Frame

HIT_IOU = 0.5
PER_FRAMES = 20  # false boxes are given for so many frames


@dataclass(frozen=True)
class Outcome:
    """What became of the detections in one frame.

    Attributes:
        ious: IoU of each labelled face with its best detection, 0 for none.
        scores: score of that detection, -inf for none or one that is no hit.
        false_scores: scores of the detections that hit nothing.
    """

    ious: tuple[float, ...]
    scores: tuple[float, ...]
    false_scores: tuple[float, ...]


@dataclass(frozen=True)
class FinderScore:
    """Figures of a finder on frames.

    Attributes:
        frames, faces: how many, faces being the labelled ones.
        recall: share of the faces that were hit.
        median_iou: over the faces that were hit.
        false_per_20: false boxes in 20 frames.
    """

    frames: int
    faces: int
    recall: float
    median_iou: float
    false_per_20: float


def judge(frame: Frame, detections: Sequence[Detection]) -> Outcome:
    """Compare the detections in a frame, surest first, with its faces."""
    labelled, seen = frame.boxes, [other.box for other in frame.seen]
    ious, scores = [0.0] * len(labelled), [-np.inf] * len(labelled)
    taken: set[int] = set()
    false = []
    for detection in detections:
        overlaps = [intersection_over_union(detection.box, box) for box in (*labelled, *seen)]
        free = [i for i in range(len(overlaps)) if i not in taken]
        best = max(free, key=overlaps.__getitem__, default=None)
        if best is None or overlaps[best] < HIT_IOU:
            false.append(detection.score)
            continue
        taken.add(best)
        if best < len(labelled):
            ious[best], scores[best] = overlaps[best], detection.score
    return Outcome(tuple(ious), tuple(scores), tuple(false))


def summarise(outcomes: Sequence[Outcome], min_score: float = -np.inf) -> FinderScore:
    """Return the figures of detections with at least ``min_score``."""
    hits = [
        iou
        for outcome in outcomes
        for iou, score in zip(outcome.ious, outcome.scores, strict=True)
        if iou >= HIT_IOU and score >= min_score
    ]
    faces = sum(len(outcome.ious) for outcome in outcomes)
    false = sum(score >= min_score for outcome in outcomes for score in outcome.false_scores)
    return FinderScore(
        frames=len(outcomes),
        faces=faces,
        recall=len(hits) / faces if faces else float("nan"),
        median_iou=float(np.median(hits)) if hits else 0.0,
        false_per_20=PER_FRAMES * false / len(outcomes),
    )


def threshold_for(outcomes: Sequence[Outcome], false_per_20: float, least: float) -> float:
    """Return the lowest score that lets at most so many false boxes through in 20 frames.

    Args:
        outcomes: of detections down to the score ``least``.
        false_per_20: false boxes allowed in 20 frames.
        least: never less than this.
    """
    allowed = int(false_per_20 * len(outcomes) / PER_FRAMES)
    false = sorted((s for outcome in outcomes for s in outcome.false_scores), reverse=True)
    return max(least, float(np.nextafter(false[allowed], 2))) if len(false) > allowed else least
