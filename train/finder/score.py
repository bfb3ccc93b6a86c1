"""How well a finder finds: known faces that it hits, and boxes that hit nothing.

A face is known where a person labelled it or where another detector is sure of it (``KNOWN_SCORE``
or more). It is hit if a detection has an IoU of 0.5 or more with its canonical box. A detection is
false if it hits neither a known face nor one that the other detector doubts. Each face takes one
detection; a second one on the same face is false.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from landmarks.boxes import Box, intersection_over_union
from landmarks.find import Detection, NetworkFinder
from train.datasets.frames import Frame

HIT_IOU = 0.5
KNOWN_SCORE = 0.8  # from here on, hardly one of YuNet's boxes is no face
LARGE_SHARE = 0.05  # side of a box from which on a face is called large, of the frame's longer side
PER_FRAMES = 20  # false boxes are given for so many frames


@dataclass(frozen=True)
class Outcome:
    """What became of the detections in one frame.

    Attributes:
        ious: IoU of each known face with its best detection, 0 for none.
        scores: score of that detection, -inf for none or one that is no hit.
        sides: side of each known face, a share of the frame's longer side.
        false_scores: scores of the detections that hit nothing.
    """

    ious: tuple[float, ...]
    scores: tuple[float, ...]
    sides: tuple[float, ...]
    false_scores: tuple[float, ...]


@dataclass(frozen=True)
class FinderScore:
    """Figures of a finder on frames.

    Attributes:
        frames, faces, large_faces: how many, faces being the known ones.
        recall: share of the faces that were hit.
        large_recall: the same of the large ones.
        median_iou: over the faces that were hit.
        false_per_20: false boxes in 20 frames.
    """

    frames: int
    faces: int
    large_faces: int
    recall: float
    large_recall: float
    median_iou: float
    false_per_20: float


def known_faces(frame: Frame) -> tuple[Box, ...]:
    """Return the canonical boxes of the faces that a finder should hit."""
    sure = (seen.box for seen in frame.seen if seen.score >= KNOWN_SCORE)
    return (*frame.boxes, *sure)


def judge(frame: Frame, detections: Sequence[Detection], long_side_px: float) -> Outcome:
    """Compare the detections in a frame, surest first, with its faces.

    Args:
        frame: knows its faces.
        detections: what a finder found in it.
        long_side_px: longer side of its picture.
    """
    known = known_faces(frame)
    doubted = [seen.box for seen in frame.seen if seen.score < KNOWN_SCORE]
    ious, scores = [0.0] * len(known), [-np.inf] * len(known)
    taken: set[int] = set()
    false = []
    for detection in detections:
        overlaps = [intersection_over_union(detection.box, box) for box in (*known, *doubted)]
        free = [i for i in range(len(overlaps)) if i not in taken]
        best = max(free, key=overlaps.__getitem__, default=None)
        if best is None or overlaps[best] < HIT_IOU:
            false.append(detection.score)
            continue
        taken.add(best)
        if best < len(known):
            ious[best], scores[best] = overlaps[best], detection.score
    sides = tuple(box.width / long_side_px for box in known)
    return Outcome(tuple(ious), tuple(scores), sides, tuple(false))


def outcome_of(finder: NetworkFinder, frame: Frame) -> Outcome:
    """Return what a finder makes of a whole frame.

    Raises:
        PictureError: its picture cannot be read.
    """
    picture = frame.picture.read()
    return judge(frame, finder.find(picture), max(picture.shape[:2]))


def summarise(outcomes: Sequence[Outcome], min_score: float = -np.inf) -> FinderScore:
    """Return the figures of detections with at least ``min_score``."""
    ious = np.array([iou for outcome in outcomes for iou in outcome.ious])
    scores = np.array([score for outcome in outcomes for score in outcome.scores])
    large = np.array([side for outcome in outcomes for side in outcome.sides]) >= LARGE_SHARE
    hit = (ious >= HIT_IOU) & (scores >= min_score)
    false = sum(score >= min_score for outcome in outcomes for score in outcome.false_scores)
    return FinderScore(
        frames=len(outcomes),
        faces=len(hit),
        large_faces=int(large.sum()),
        recall=_share(hit),
        large_recall=_share(hit[large]),
        median_iou=float(np.median(ious[hit])) if hit.any() else 0.0,
        false_per_20=PER_FRAMES * false / len(outcomes) if outcomes else float("nan"),
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


def _share(hit: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> float:
    return float(hit.mean()) if len(hit) else float("nan")
