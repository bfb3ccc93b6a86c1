"""The PIP method (PIPNet, IJCV 2021, section 3): score, offsets and neighbours at true cells."""

from __future__ import annotations

import keras

from landmarks.card import PipHead, as_points
from landmarks.neighbours import neighbour_table
from landmarks.types import Floats
from train.losses import pip_loss
from train.methods.method import LabelBatch, Task
from train.targets import encode_pip


def pip_head_of(network: keras.Model, mean_face: Floats, merge: str) -> PipHead:
    """Return the head of a network with PIP maps."""
    _, grid, _, n_points = network.output["score"].shape
    k = network.output["neighbours"].shape[-1] // (2 * n_points) if has_votes(network) else 0
    return PipHead(grid=grid, k=k, mean_face=as_points(mean_face), merge=merge)


def pip_task(head: PipHead, mean_face: Floats) -> Task:
    """Return the task: the maps' names, their targets and the PIP loss."""
    table = neighbour_table(mean_face, head.k, head.merge)

    def targets(labels: LabelBatch) -> Floats:
        return encode_pip(labels.points_unit, head.grid, table.indices).packed()

    return Task(
        outputs=("score", "offsets", "neighbours") if head.k else ("score", "offsets"),
        target_size=len(mean_face) * (3 + 2 * head.k),
        targets=targets,
        loss=pip_loss(len(mean_face), head.k, head.grid),
    )


def has_votes(network: keras.Model) -> bool:
    """Say whether a network with PIP maps has neighbours."""
    return "neighbours" in network.output
