"""The losses of both papers, on any Keras backend.

Each takes the truth of a batch as numbers in a row a face, (B, T), and the joined outputs of the
network, (B, P); see ``train.methods.method.Task``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from keras import ops

SCORE_WEIGHT = 10.0
OFFSET_WEIGHT = 1.0
NEIGHBOUR_WEIGHT = 1.0


def pip_loss(n_points: int, k: int, grid: int) -> Callable[[Any, Any], Any]:
    """Return the PIP loss (PIPNet, section 3.3; released ``functions.compute_loss_pip``).

    Score: squared error, mean over all cells, weight 10. Offsets and neighbours: L1, mean over the
    values at the true cell only, weight 1 for each axis.

    Args:
        n_points: L.
        k: K, neighbours of each landmark; 0 for none.
        grid: G, cells along a side.

    Returns:
        A function of the truth (B, L (3 + 2 K)), as ``PipTargets.packed`` makes it, and the maps
        score, offsets and neighbours one after the other, (B, G G (L + 2 L + 2 L K)).
    """
    cells = grid * grid
    regression = pip_regression_loss(n_points, k, grid)

    def loss(y_true: Any, y_pred: Any) -> Any:
        truth = ops.reshape(y_true, (-1, n_points, 3 + 2 * k))
        # split, not slices: its gradient is one concatenation, a slice's a whole padded map
        score, offsets_and_votes = ops.split(y_pred, [cells * n_points], axis=-1)
        cell = ops.cast(truth[..., 0], "int32")  # (B, L)
        here = ops.one_hot(cell, cells, axis=1)  # (B, G G, L)
        errors = ops.reshape(score, (-1, cells, n_points)) - here
        faces = regression(truth, offsets_and_votes)
        return SCORE_WEIGHT * ops.mean(ops.square(errors)) + ops.mean(faces)

    return loss


def pip_regression_loss(n_points: int, k: int, grid: int) -> Callable[[Any, Any], Any]:
    """Return the part of the PIP loss that concerns offsets and neighbours, for each face.

    Args:
        n_points: L.
        k: K, neighbours of each landmark; 0 for none.
        grid: G, cells along a side.

    Returns:
        A function of the truth (B, L, 3 + 2 K) and the maps offsets and neighbours one after the
        other, (B, G G (2 L + 2 L K)); it returns (B,): the mean absolute errors of x and y, summed.
    """
    cells = grid * grid

    def loss(truth: Any, maps: Any) -> Any:
        offsets, votes = ops.split(maps, [2 * cells * n_points], axis=-1)
        cell = ops.cast(truth[..., 0], "int32")  # (B, L)
        # Rows of the maps laid flat; take_along_axis would turn the whole maps there and back.
        batch = ops.arange(ops.shape(cell)[0])[:, None]
        row = ((batch * cells + cell)[:, None] * 2 + ops.arange(2)[:, None]) * n_points
        row += ops.arange(n_points)  # (B, 2, L)
        own = ops.take(ops.reshape(offsets, (-1,)), row, axis=0)  # (B, 2, L)
        own_error = own - ops.transpose(truth[..., 1:3], (0, 2, 1))
        total = OFFSET_WEIGHT * 2.0 * ops.mean(ops.abs(own_error), axis=(1, 2))
        if k == 0:
            return total
        voted = ops.take(ops.reshape(votes, (-1, k)), row, axis=0)  # (B, 2, L, K)
        true_votes = ops.reshape(truth[..., 3:], (-1, n_points, k, 2))
        vote_error = voted - ops.transpose(true_votes, (0, 3, 1, 2))
        return total + NEIGHBOUR_WEIGHT * 2.0 * ops.mean(ops.abs(vote_error), axis=(1, 2, 3))

    return loss


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
