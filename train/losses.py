"""The PIP loss (PIPNet, section 3.3; released ``functions.compute_loss_pip``).

Score: squared error, mean over all cells, weight 10. Offsets and neighbours: L1, mean over the
values at the true cell only, weight 1 for each axis.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from keras import ops

SCORE_WEIGHT = 10.0
OFFSET_WEIGHT = 1.0
NEIGHBOUR_WEIGHT = 1.0


def pip_loss(n_points: int, k: int) -> Callable[[Any, Any], Any]:
    """Return the loss of (packed targets, maps).

    Args:
        n_points: L.
        k: K, neighbours of each landmark.

    Returns:
        A function of ``y_true`` (B, L, 3 + 2 K), as ``PipTargets.packed`` makes it, and ``y_pred``
        (B, G, G, L + 2 L + 2 L K), the three maps of the head one after the other; it returns the
        loss averaged over the batch.
    """

    def loss(y_true: Any, y_pred: Any) -> Any:
        maps = ops.cast(y_pred, "float32")
        batch, grid = ops.shape(maps)[0], maps.shape[1]
        cells = grid * grid
        maps = ops.reshape(maps, (batch, cells, n_points * (3 + 2 * k)))
        score = maps[..., :n_points]  # (B, G G, L)
        offsets = ops.reshape(maps[..., n_points : 3 * n_points], (batch, cells, 2, n_points))
        votes = ops.reshape(maps[..., 3 * n_points :], (batch, cells, 2, n_points, k))

        cell = ops.cast(y_true[..., 0], "int32")  # (B, L)
        here = ops.one_hot(cell, cells, axis=1)  # (B, G G, L)
        own = ops.take_along_axis(offsets, cell[:, None, None], axis=1)[:, 0]  # (B, 2, L)
        voted = ops.take_along_axis(votes, cell[:, None, None, :, None], axis=1)[:, 0]
        true_offsets = ops.transpose(y_true[..., 1:3], (0, 2, 1))
        true_votes = ops.transpose(
            ops.reshape(y_true[..., 3:], (batch, n_points, k, 2)), (0, 3, 1, 2)
        )  # (B, 2, L, K)

        score_term = ops.mean(ops.square(score - here))
        offset_term = 2.0 * ops.mean(ops.abs(own - true_offsets))  # x and y: weight 1 each
        vote_term = 2.0 * ops.mean(ops.abs(voted - true_votes))
        return (
            SCORE_WEIGHT * score_term + OFFSET_WEIGHT * offset_term + NEIGHBOUR_WEIGHT * vote_term
        )

    return loss
