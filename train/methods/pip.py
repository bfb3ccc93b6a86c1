"""The PIP method (PIPNet, IJCV 2021, section 3): score, offsets and neighbours at true cells."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import ops

from landmarks.card import PipHead, as_points
from landmarks.neighbours import Merge, neighbour_table
from landmarks.shape import ShapeModel
from landmarks.types import Floats
from train.methods.asm import alpha
from train.methods.method import LabelBatch, Task
from train.methods.pip_loss import pip_loss, pip_regression_loss
from train.methods.targets import encode_pip
from train.settings.teaching import PIPNET, PipTeaching


def pip_head_of(network: keras.Model, mean_face: Floats, merge: Merge) -> PipHead:
    """Return the head of a network with PIP maps."""
    _, grid, _, n_points = network.output["score"].shape
    k = network.output["neighbours"].shape[-1] // (2 * n_points) if has_votes(network) else 0
    return PipHead(grid=grid, k=k, mean_face=as_points(mean_face), merge=merge)


def pip_task(head: PipHead, mean_face: Floats, teaching: PipTeaching = PIPNET) -> Task:
    """Return the task: the maps' names, their targets and the PIP loss."""
    table = neighbour_table(mean_face, head.k, head.merge)

    def targets(labels: LabelBatch) -> Floats:
        return encode_pip(labels.points_unit, head.grid, table.indices).packed()

    return Task(
        outputs=("score", "offsets", "neighbours") if head.k else ("score", "offsets"),
        target_size=len(mean_face) * (3 + 2 * head.k),
        targets=targets,
        loss=pip_loss(table, head.grid, teaching),
    )


def assisted_pip_task(head: PipHead, mean_face: Floats, model: ShapeModel, epochs: int) -> Task:
    """Return ASMNet's assistance for a PIP head: offsets and votes are pulled to a smoother face.

    At the true cells, the regression is also taught where the landmarks of the shape model's face
    lie, with ASMNet's weight alpha. Neither paper has this; it is what ``asmpip`` makes of both.

    Args:
        head: of the network.
        mean_face: float (L, 2), unit coordinates.
        model: shape model in unit coordinates.
        epochs: length of the run.
    """
    table = neighbour_table(mean_face, head.k, head.merge)
    n, width = len(mean_face), len(mean_face) * (3 + 2 * head.k)
    regression = pip_regression_loss(table, head.grid)

    def targets(labels: LabelBatch) -> Floats:
        points = labels.points_unit
        smooth = encode_pip(model.project(points), head.grid, table.indices, cells_of=points)
        here = ~np.isnan(points).any(axis=(1, 2))  # a box without a face has no shape
        weight = np.where(here, alpha(labels.epoch, epochs), 0.0).astype(np.float32)[:, None]
        return np.concatenate([smooth.packed(), weight], axis=1)

    def loss(y_true: Any, y_pred: Any) -> Any:
        truth = ops.reshape(y_true[:, :-1], (-1, n, 3 + 2 * head.k))
        return ops.mean(y_true[:, -1] * regression(truth, y_pred))

    return Task(
        outputs=("offsets", "neighbours") if head.k else ("offsets",),
        target_size=width + 1,
        targets=targets,
        loss=loss,
    )


def has_votes(network: keras.Model) -> bool:
    """Say whether a network with PIP maps has neighbours."""
    return "neighbours" in network.output
