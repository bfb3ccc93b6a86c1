"""ASMNet's method (CVPR-W 2021, section 3): regression pulled towards the active shape model.

The loss is mse(G, p) + alpha mse(A, p): G the landmarks, A the same face seen through a shape model
of ``percent`` of the variance, which is smoother and easier to learn. alpha falls from 2 to 1 to
0.5 over the thirds of a run. In the released code alpha never falls, because it compares the epoch
with the number of steps; this follows the paper.

The network gives each coordinate as (point - origin) / scale. ``published`` outputs are the
paper's: (1/2 - point), so origin 1/2 and scale -1. ``standardised`` ones are residuals from the
mean face in standard deviations, which an INT8 output tensor resolves evenly.
"""

from __future__ import annotations

import numpy as np

from landmarks.card import RegressionHead, as_points
from landmarks.shape import ShapeModel
from landmarks.types import Floats
from train.methods.losses import asm_assisted_loss
from train.methods.method import LabelBatch, Task


def alpha(epoch: int, epochs: int) -> float:
    """Return the weight of the ASM term: 2, 1, 0.5 over the thirds of a run (paper, eq. 7)."""
    if epoch < epochs / 3:
        return 2.0
    return 1.0 if epoch < 2 * epochs / 3 else 0.5


def regression_head(shapes: Floats, outputs: str) -> RegressionHead:
    """Return the head for training shapes (n, L, 2) in unit coordinates."""
    mean_face = as_points(shapes.mean(axis=0))
    if outputs == "published":
        half = np.full(shapes.shape[1:], 0.5)
        return RegressionHead(
            mean_face, scale=as_points(np.full_like(half, -1.0)), origin=as_points(half)
        )
    return RegressionHead(mean_face, scale=as_points(shapes.std(axis=0)))


def asm_task(head: RegressionHead, model: ShapeModel | None, epochs: int) -> Task:
    """Return the landmark task.

    Args:
        head: gives the unit of the output.
        model: shape model in unit coordinates; None for the plain loss.
        epochs: length of the run.
    """
    origin, scale = (np.asarray(values, np.float32) for values in (head.zero, head.scale))
    size = origin.size

    def targets(labels: LabelBatch) -> Floats:
        points = labels.points_unit
        smooth = points if model is None else model.project(points)
        weight = 0.0 if model is None else alpha(labels.epoch, epochs)
        truth, assisted = (((p - origin) / scale).reshape(-1, size) for p in (points, smooth))
        column = np.full((len(points), 1), weight, np.float32)
        return np.concatenate([truth, assisted, column], axis=1, dtype=np.float32)

    return Task(
        outputs=("points",),
        target_size=2 * size + 1,
        targets=targets,
        loss=asm_assisted_loss(size),
    )
