"""The losses of regression heads and of the pose, on any Keras backend.

Each takes the truth of a batch as numbers in a row a face, (B, T), and the joined outputs of the
network, (B, P); see ``train.methods.method.Task``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from keras import ops


def asm_assisted_loss(size: int) -> Callable[[Any, Any], Any]:
    """Return ASMNet's landmark loss, mse(G, p) + alpha mse(A, p) (paper, section 3.2).

    Args:
        size: 2 L.

    Returns:
        A function of G, A and alpha joined, (B, 2 size + 1), and the prediction (B, size).
    """

    def loss(y_true: Any, y_pred: Any) -> Any:
        truth, smooth, alpha = y_true[:, :size], y_true[:, size:-1], y_true[:, -1:]
        return ops.mean(ops.square(y_pred - truth) + alpha * ops.square(y_pred - smooth))

    return loss


def pose_loss(y_true: Any, y_pred: Any) -> Any:
    """Return the mean squared error of the pose (ASMNet, section 3.2).

    Args:
        y_true: (B, 4), three angles and 1, or 0 where the angles are not to be trusted.
        y_pred: (B, 3).
    """
    counts = y_true[:, 3:]
    squares = ops.sum(ops.square(y_pred - y_true[:, :3]) * counts)
    return squares / ops.maximum(3.0 * ops.sum(counts), 1.0)
