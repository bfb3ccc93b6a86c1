"""The PIP loss (PIPNet, IJCV 2021, section 3.3), and three things that we add to it.

PIPNet teaches offsets and votes at the cell that holds the landmark. The decoder reads them where
the score is highest, which for a fifth of the landmarks is the cell beside it, and there nothing
was taught. ``PipTeaching.at`` says where they are taught, and ``merged`` adds the error of what
the decoder makes of them, the mean of a landmark's own place and its votes. ``error`` says how
errors count: Wing heeds small ones more and labels that are far off less.

Truth and predictions are as in ``train.methods.method.Task``: (B, T) and (B, P).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from keras import ops

from landmarks.neighbours import NeighbourTable
from train.settings.teaching import PIPNET, PipTeaching

SCORE_WEIGHT = 10.0
OFFSET_WEIGHT = 1.0
NEIGHBOUR_WEIGHT = 1.0

# Wing (Feng et al., CVPR 2018, equation 5) for w = 10 and epsilon = 2 px of cells of 16 px.
WING_WIDTH = 10 / 16
WING_EPSILON = 2 / 16
WING_GAIN = 0.4  # an error of epsilon is then worth as much more as if it counted by its size


def pip_loss(
    table: NeighbourTable, grid: int, teaching: PipTeaching = PIPNET
) -> Callable[[Any, Any], Any]:
    """Return the PIP loss (released ``functions.compute_loss_pip``).

    Score: squared error, mean over all cells, weight 10. Offsets and neighbours: L1 (or Wing), mean
    over the values at one cell of each landmark only, weight 1 for each axis.

    Args:
        table: the L landmarks' K neighbours, and how their votes are merged.
        grid: G, cells along a side.
        teaching: where, and what else.

    Returns:
        A function of the truth (B, L (3 + 2 K)), as ``PipTargets.packed`` makes it, and the maps
        score, offsets and neighbours one after the other, (B, G G (L + 2 L + 2 L K)). A box without
        a face is taught to have no score anywhere, and nothing else.
    """
    n, cells = table.n_points, grid * grid
    regression = pip_regression_loss(table, grid, teaching)

    def loss(y_true: Any, y_pred: Any) -> Any:
        truth = ops.reshape(y_true, (-1, n, 3 + 2 * table.k))
        # split, not slices: its gradient is one concatenation, a slice's a whole padded map
        score, offsets_and_votes = ops.split(y_pred, [cells * n], axis=-1)
        score = ops.reshape(score, (-1, cells, n))
        cell = ops.cast(truth[..., 0], "int32")  # (B, L)
        seen = ops.cast(cell[:, 0] >= 0, truth.dtype)  # (B,), 0 for a box without a face
        here = ops.one_hot(ops.maximum(cell, 0), cells, axis=1) * seen[:, None, None]  # (B, G G, L)
        taught = truth if teaching.at == "truth" else _from_read_cells(truth, score, grid)
        faces = regression(taught, offsets_and_votes)
        return SCORE_WEIGHT * ops.mean(ops.square(score - here)) + ops.mean(seen * faces)

    return loss


def pip_regression_loss(
    table: NeighbourTable, grid: int, teaching: PipTeaching = PIPNET
) -> Callable[[Any, Any], Any]:
    """Return the part of the PIP loss that concerns offsets and neighbours, for each face.

    Args:
        table: the L landmarks' K neighbours, and how their votes are merged.
        grid: G, cells along a side.
        teaching: how errors count, and what of the merged points.

    Returns:
        A function of the truth (B, L, 3 + 2 K) and the maps offsets and neighbours one after the
        other, (B, G G (2 L + 2 L K)); it returns (B,): the mean errors of x and y, summed.
    """
    n, k, cells = table.n_points, table.k, grid * grid
    own_weight = np.asarray(table.own_weight, np.float32)
    vote_weight = _vote_matrix(table)
    size = _wing if teaching.error == "wing" else ops.abs

    def loss(truth: Any, maps: Any) -> Any:
        offsets, votes = ops.split(maps, [2 * cells * n], axis=-1)
        # (B, L); a box without a face has no cell, and whoever sums over faces leaves it out
        cell = ops.maximum(ops.cast(truth[..., 0], "int32"), 0)
        # Rows of the maps laid flat; take_along_axis would turn the whole maps there and back.
        batch = ops.arange(ops.shape(cell)[0])[:, None]
        row = ((batch * cells + cell)[:, None] * 2 + ops.arange(2)[:, None]) * n
        row += ops.arange(n)  # (B, 2, L)
        own = ops.take(ops.reshape(offsets, (-1,)), row, axis=0)  # (B, 2, L)
        own_error = own - ops.transpose(truth[..., 1:3], (0, 2, 1))
        total = OFFSET_WEIGHT * 2.0 * ops.mean(size(own_error), axis=(1, 2))
        if k == 0:
            return total
        voted = ops.take(ops.reshape(votes, (-1, k)), row, axis=0)  # (B, 2, L, K)
        true_votes = ops.reshape(truth[..., 3:], (-1, n, k, 2))
        vote_error = voted - ops.transpose(true_votes, (0, 3, 1, 2))
        total += NEIGHBOUR_WEIGHT * 2.0 * ops.mean(size(vote_error), axis=(1, 2, 3))
        if teaching.merged:
            # the weights of a point sum to 1, so its error is the weighted mean of the errors
            flat = ops.reshape(vote_error, (-1, 2, n * k))
            merged_error = own_error * own_weight + ops.matmul(flat, vote_weight)
            total += teaching.merged * 2.0 * ops.mean(size(merged_error), axis=(1, 2))
        return total

    return loss


def _wing(error: Any) -> Any:
    """Return Wing of errors in cells: steep below epsilon, a logarithm up to w, then straight."""
    size = ops.abs(error)
    curved = WING_WIDTH * ops.log(1.0 + size / WING_EPSILON)
    drop = WING_WIDTH - WING_WIDTH * np.log(1.0 + WING_WIDTH / WING_EPSILON)
    return WING_GAIN * ops.where(size < WING_WIDTH, curved, size - drop)


def _vote_matrix(table: NeighbourTable) -> np.ndarray:
    """Return the weight of each vote in each merged point, float32 (L K, L)."""
    matrix = np.zeros((table.indices.size, table.n_points), np.float32)
    matrix[np.arange(table.indices.size), table.indices.ravel()] = table.vote_weight.ravel()
    return matrix


def _from_read_cells(truth: Any, score: Any, grid: int) -> Any:
    """Return the truth (B, L, 3 + 2 K) as it is seen from the cells that the decoder reads.

    Args:
        truth: as it is seen from the true cells.
        score: (B, G G, L).
        grid: G.
    """
    cell = ops.cast(truth[..., 0], "int32")  # (B, L)
    best = ops.cast(ops.argmax(score, axis=1), "int32")
    away = ops.stack([cell % grid - best % grid, cell // grid - best // grid], axis=-1)
    near = ops.max(ops.abs(away), axis=-1) <= 1  # farther ones are mistakes of the score
    read = ops.where(near, best, cell)
    away = ops.cast(ops.where(near[..., None], away, 0), truth.dtype)  # (B, L, 2), x and y
    places = truth[..., 1:] + ops.tile(away, (1, 1, truth.shape[-1] // 2))
    return ops.concatenate([ops.cast(read, truth.dtype)[..., None], places], axis=-1)
