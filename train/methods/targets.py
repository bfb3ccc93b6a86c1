"""PIP targets: which cell holds each landmark, and where in cells everything lies from there.

Source: PIPNet (IJCV 2021), section 3; released ``data_utils.py``. Cell c = clip(floor(t G), 0, G-1)
on each axis; offset t G - c; neighbour j of a landmark: t_j G - c. A landmark outside the crop
belongs to the nearest cell and its offset leaves 0 to 1.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from landmarks.types import Floats, Ints, check_points


@dataclass(frozen=True)
class PipTargets:
    """Targets of a batch of faces.

    Attributes:
        cell: int64 (B, L), row * G + column of the cell of each landmark; -1 without a face.
        offsets: float32 (B, L, 2), cells from that cell's top-left corner.
        neighbours: float32 (B, L, K, 2), the same for each neighbour.
    """

    cell: Ints
    offsets: Floats
    neighbours: Floats

    def packed(self) -> Floats:
        """Return all of it as one float32 (B, L (3 + 2 K)) array, for a Keras loss."""
        batch, n = self.cell.shape
        parts = [
            self.cell[..., None].astype(np.float32),
            self.offsets,
            self.neighbours.reshape(batch, n, -1),
        ]
        return np.concatenate(parts, axis=-1).reshape(batch, -1)


def encode_pip(
    points_unit: Floats,
    grid: int,
    neighbour_indices: Ints,
    *,
    cells_of: Floats | None = None,
) -> PipTargets:
    """Encode points as PIP targets.

    Args:
        points_unit: float (B, L, 2), 0 to 1 across the crop.
        grid: G, cells along a side.
        neighbour_indices: int (L, K).
        cells_of: float (B, L, 2); the points whose cells are used, if not those points themselves.

    Points that are no numbers stand for a box without a face: no cell, and all else 0.
    """
    check_points(points_unit, len(neighbour_indices))
    empty = np.asarray(np.isnan(points_unit).any(axis=(1, 2)))
    place = np.where(empty[:, None, None], 0, points_unit) * grid
    where = place if cells_of is None else np.where(empty[:, None, None], 0, cells_of) * grid
    corner = np.clip(np.floor(where), 0, grid - 1)
    cell = (corner[..., 1] * grid + corner[..., 0]).astype(np.int64)
    cell[empty] = -1
    offsets = (place - corner).astype(np.float32)
    neighbours = (place[:, neighbour_indices] - corner[:, :, None]).astype(np.float32)
    return PipTargets(cell, offsets, neighbours)
