"""A method: a network, the tasks it is taught, and how its landmarks are read afterwards.

ASMNet and PIPNet differ in what they predict, in their targets and in their losses; a training run
need not know. It joins the outputs of all tasks into one vector a face, and their targets into
another, and minimises the weighted sum of their losses.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import keras
import numpy as np
from keras import ops

from landmarks.card import CentreHead, ModelCard, PipHead, RegressionHead
from landmarks.errors import UsageError
from landmarks.types import Floats, Ints


@dataclass(frozen=True)
class LabelBatch:
    """What is known of the faces of a batch.

    Attributes:
        points_unit: float32 (B, L, 2), 0 to 1 across the input.
        faces: int (B,), which faces of the prepared data these are.
        epoch: counts from 0.
        counts: float32 (B, 4), how much each face teaches of what, in a self-training; see
            ``train.selftrain.curriculum``. None elsewhere.
    """

    points_unit: Floats
    faces: Ints
    epoch: int
    counts: Floats | None = None


@dataclass(frozen=True)
class Task:
    """One thing that a network is taught.

    Attributes:
        outputs: names of the network's outputs that it reads, joined in this order.
        target_size: T, numbers that describe the truth of one face.
        targets: makes them, float32 (B, T).
        loss: of truth (B, T) and prediction (B, P), P the size of the outputs; a scalar.
        weight: of the loss in the sum.
    """

    outputs: tuple[str, ...]
    target_size: int
    targets: Callable[[LabelBatch], Floats]
    loss: Callable[[Any, Any], Any]
    weight: float = 1.0


@dataclass(frozen=True)
class Method:
    """A network and what it is taught.

    Attributes:
        network: of stock Keras layers, its outputs by name.
        tasks: at least one.
        head: how a device reads landmarks from the outputs.
        facts: what the card should say of the method, JSON types.
    """

    network: keras.Model
    tasks: tuple[Task, ...]
    head: PipHead | RegressionHead
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def outputs(self) -> tuple[str, ...]:
        """Names of all outputs."""
        return tuple(self.network.output)

    def targets(self, labels: LabelBatch) -> Floats:
        """Return the truth for all tasks, joined, float32 (B, sum of T)."""
        return np.concatenate([task.targets(labels) for task in self.tasks], axis=1)

    def joined(self, network: keras.Model) -> keras.Model:
        """Return ``network``, which has the outputs of this method's, with one output (B, P)."""
        flat = {
            name: keras.layers.Flatten(dtype="float32", name=f"flat_{name}")(output)
            for name, output in network.output.items()
        }
        rows = [flat[name] for task in self.tasks for name in task.outputs]
        return keras.Model(network.input, keras.layers.Concatenate(dtype="float32")(rows))

    def loss(self) -> Callable[[Any, Any], Any]:
        """Return the weighted sum of the tasks' losses, of joined truth and joined prediction."""
        sizes = [
            sum(int(np.prod(self.network.output[name].shape[1:])) for name in task.outputs)
            for task in self.tasks
        ]

        def total(y_true: Any, y_pred: Any) -> Any:
            y_true = ops.cast(y_true, "float32")
            terms, at_true, at_pred = [], 0, 0
            for task, size in zip(self.tasks, sizes, strict=True):
                truth = y_true[:, at_true : at_true + task.target_size]
                terms.append(task.weight * task.loss(truth, y_pred[:, at_pred : at_pred + size]))
                at_true, at_pred = at_true + task.target_size, at_pred + size
            return sum(terms)

        return total


def landmark_head(card: ModelCard) -> PipHead | RegressionHead:
    """Return the head of a landmark network.

    Raises:
        UsageError: it is a face finder.
    """
    if isinstance(card.head, CentreHead):
        raise UsageError(f"{card.name}: expected a landmark network, this is a face finder")
    return card.head
