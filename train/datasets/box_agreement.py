"""How well a data set's own boxes, made canonical, agree with the boxes of its labels.

The conventions of ``train.datasets`` are derived from what others published. Whoever has the data
sees here whether they hold, and what to add to a ``BoxConvention`` where they do not.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from landmarks.boxes import face_box, intersection_over_union
from landmarks.faces import LabelledFace
from train.datasets.unlabelled import UnlabelledFace

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class BoxAgreement:
    """Medians over the faces that have a box.

    Attributes:
        n: faces.
        iou: overlap of the data set's box with that of the labels.
        dx: how far the labels' box lies to the right of the data set's, in sides of the latter.
        dy: how far below.
        scale: side of the labels' box divided by the side of the data set's.
    """

    n: int
    iou: float
    dx: float
    dy: float
    scale: float


def box_agreement(faces: Sequence[LabelledFace | UnlabelledFace]) -> BoxAgreement | None:
    """Compare boxes; None where no labelled face has one."""
    rows = []
    for face in faces:
        if not isinstance(face, LabelledFace) or face.box is None or face.box.width == 0:
            continue
        truth, side = face_box(face.points_frame), face.box.width
        (x, y), (box_x, box_y) = truth.centre, face.box.centre
        overlap = intersection_over_union(face.box, truth)
        rows.append((overlap, (x - box_x) / side, (y - box_y) / side, truth.width / side))
    if not rows:
        return None
    iou, dx, dy, scale = np.median(rows, axis=0).tolist()
    return BoxAgreement(len(rows), iou, dx, dy, scale)


def report_box_agreement(faces: Sequence[LabelledFace | UnlabelledFace]) -> None:
    """Log one line about it, if any face has a box."""
    agreement = box_agreement(faces)
    if agreement is not None:
        logger.info(
            "the data set's boxes against those of its labels, medians of %d: IoU %.2f, the latter "
            "%.2f times as large, %+.2f to the right and %+.2f below",
            agreement.n,
            agreement.iou,
            agreement.scale,
            agreement.dx,
            agreement.dy,
        )
