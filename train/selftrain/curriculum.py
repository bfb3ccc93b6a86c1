"""The curriculum: coarse score maps that share the score convolution, and what each sample teaches.

The feature map of a PIP network is max-pooled to half and to a quarter of its side, and the same
1 x 1 convolution gives a score map on each: with a grid of 8 that is 8 x 8, 4 x 4 and 2 x 2, and
no new weights. A pseudo-label that is a little wrong is right on a coarse map.

=========  ==========  ==========  ==========  ====================
task       full score  half score  quarter     offsets, neighbours
=========  ==========  ==========  ==========  ====================
std        yes         no          no          yes
cls1       yes         no          no          no
cls2       no          yes         no          no
cls3       no          no          yes         no
=========  ==========  ==========  ==========  ====================

Source: PIPNet's released ``networks_gssl.py`` and ``functions_gssl.py``: squared errors of the
scores are summed over the maps that count and divided by the number of their cells, absolute errors
of the regression likewise. Weights 10 and 1, as in the plain PIP loss.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
from keras import ops

from landmarks.card import PipHead
from landmarks.errors import UsageError
from landmarks.neighbours import NeighbourTable, neighbour_table
from landmarks.types import Floats
from train.methods.method import LabelBatch, Task
from train.methods.pip_loss import SCORE_WEIGHT, pip_regression_loss
from train.methods.targets import encode_pip
from train.settings.selftrain import TaskName

COARSE = ("score_half", "score_quarter")
# Whether full, half and quarter scores and the regression count.
COUNTS: dict[TaskName, tuple[float, float, float, float]] = {
    "std": (1.0, 0.0, 0.0, 1.0),
    "cls1": (1.0, 0.0, 0.0, 0.0),
    "cls2": (0.0, 1.0, 0.0, 0.0),
    "cls3": (0.0, 0.0, 1.0, 0.0),
}


def with_coarse_scores(network: keras.Model) -> keras.Model:
    """Return a PIP network with two more outputs, of the same weights.

    Raises:
        UsageError: its grid cannot be halved twice.
    """
    convolution = network.get_layer("score")
    x = convolution.input
    if x.shape[1] % 4:
        raise UsageError(
            f"a curriculum halves the grid twice, this network's is {x.shape[1]}: choose a size "
            "and a stride that give a multiple of 4"
        )
    outputs = dict(network.output)
    for name in COARSE:
        x = keras.layers.MaxPooling2D(2, name=f"pool_{name}")(x)
        outputs[name] = convolution(x)
    return keras.Model(network.input, outputs, name=network.name)


def curriculum_task(head: PipHead) -> Task:
    """Return the task of a network ``with_coarse_scores``; its batches have ``counts``.

    The truth of a face is its PIP targets, its cells on the coarse maps, and its counts, float32
    (B, L (5 + 2 K) + 4).
    """
    table = neighbour_table(np.asarray(head.mean_face, np.float32), head.k, head.merge)
    no_neighbours = table.indices[:, :0]

    def targets(labels: LabelBatch) -> Floats:
        points = labels.points_unit
        if labels.counts is None:
            raise ValueError("a curriculum needs to know how much each face counts")
        coarse = [encode_pip(points, head.grid // side, no_neighbours).cell for side in (2, 4)]
        pip = encode_pip(points, head.grid, table.indices).packed()
        return np.concatenate([pip, *coarse, labels.counts], axis=1, dtype=np.float32)

    return Task(
        outputs=("score", "offsets", "neighbours", *COARSE),
        target_size=table.n_points * (5 + 2 * table.k) + 4,
        targets=targets,
        loss=curriculum_loss(table, head.grid),
    )


def curriculum_loss(table: NeighbourTable, grid: int) -> Callable[[Any, Any], Any]:
    """Return the loss of the truth of ``curriculum_task`` and the maps.

    Args:
        table: the L landmarks' K neighbours.
        grid: G, cells along a side of the full map.

    Returns:
        A function of (B, L (5 + 2 K) + 4) and the joined outputs score, offsets, neighbours,
        score_half and score_quarter.
    """
    sides = (grid, grid // 2, grid // 4)
    n, k, cells = table.n_points, table.k, grid * grid
    sizes = [n * cells, 2 * n * cells * (1 + k), n * sides[1] ** 2, n * sides[2] ** 2]
    regression = pip_regression_loss(table, grid)

    def loss(y_true: Any, y_pred: Any) -> Any:
        pip, half, quarter, counts = ops.split(
            y_true, np.cumsum([n * (3 + 2 * k), n, n]).tolist(), axis=-1
        )
        score, offsets_and_votes, *coarse = ops.split(
            y_pred, np.cumsum(sizes[:-1]).tolist(), axis=-1
        )
        truth = ops.reshape(pip, (-1, n, 3 + 2 * k))

        squares, counted = 0.0, 0.0
        where = zip(sides, (truth[..., 0], half, quarter), (score, *coarse), strict=True)
        for i, (side, cell, values) in enumerate(where):
            here = ops.one_hot(ops.cast(cell, "int32"), side * side, axis=1)  # (B, side side, L)
            errors = ops.square(ops.reshape(values, (-1, side * side, n)) - here)
            squares += ops.sum(counts[:, i] * ops.sum(errors, axis=(1, 2)))
            counted += ops.sum(counts[:, i]) * side * side * n

        regressed = ops.sum(counts[:, 3] * regression(truth, offsets_and_votes))
        return SCORE_WEIGHT * squares / ops.maximum(counted, 1e-6) + regressed / ops.maximum(
            ops.sum(counts[:, 3]), 1e-6
        )

    return loss
