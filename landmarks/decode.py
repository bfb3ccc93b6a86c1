"""Network outputs to points: PIP maps with neighbours (PIPNet) and regression vectors (ASMNet).

Either may come with a head pose: an output named ``pose``, the yaw, pitch and roll of
``landmarks.pose`` divided by its ``POSE_UNIT_DEG``, so that they are as large as other targets.

Outputs arrive as the file gives them, int8 with a scale and a zero point or float; only the few
values that are needed are turned into real numbers.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

from landmarks.neighbours import NeighbourTable
from landmarks.pose import POSE_UNIT_DEG
from landmarks.types import Floats, Ints


@dataclass(frozen=True)
class OutputTensor:
    """One output of a network: ``real = scale * (values - zero_point)``.

    Attributes:
        values: int8 or float32, without the batch axis.
        scale, zero_point: 1 and 0 for a float output.
    """

    values: npt.NDArray[np.int8] | npt.NDArray[np.float32]
    scale: float = 1.0
    zero_point: int = 0

    def real(self, chosen: npt.NDArray[np.generic] | None = None) -> Floats:
        """Return real numbers, float32: all values, or ``chosen`` ones taken from them."""
        values = self.values if chosen is None else chosen
        return (values.astype(np.float32) - self.zero_point) * np.float32(self.scale)


@dataclass(frozen=True)
class DecodedFace:
    """What a network says of one crop.

    Attributes:
        points_unit: float32 (n, 2), 0 to 1 across the crop; a point may lie outside.
        presence: 0 to 1, how sure the network is that the crop shows a face.
        pose_deg: float32 (3,), yaw, pitch, roll in degrees; None where the network has no pose.
    """

    points_unit: Floats
    presence: float
    pose_deg: Floats | None = None


def decode_pip(
    score: OutputTensor,
    offsets: OutputTensor,
    neighbours: OutputTensor | None,
    table: NeighbourTable,
) -> DecodedFace:
    """Decode the three maps of a PIP head (PIPNet, section 3.1 and 3.2).

    Args:
        score: (G, G, L); the landmark is in the cell with the highest score.
        offsets: (G, G, 2 L); first all x, then all y, in cells from the cell's top-left corner.
        neighbours: (G, G, 2 L K); first all x, then all y, landmark-major: channel K * l + k.
            None for a head without neighbours, whose table has K = 0.
        table: the neighbours and the weights of their votes.

    Raises:
        ValueError: the shapes do not fit together.
    """
    grid, n, k = score.values.shape[0], table.n_points, table.k
    maps = [score, offsets] if neighbours is None else [score, offsets, neighbours]
    expected = [(grid, grid, n), (grid, grid, 2 * n)] + ([(grid, grid, 2 * n * k)] if k else [])
    received = [tensor.values.shape for tensor in maps]
    if received != expected:
        raise ValueError(f"expected PIP maps of shapes {expected}, received {received}")

    flat = score.values.reshape(grid * grid, n)
    cell = flat.argmax(axis=0)  # (L,)
    points = np.arange(n)
    corner = _corners(grid)[cell]  # (L, 2): x, y of the cell
    own = corner + offsets.real(offsets.values.reshape(grid * grid, 2, n)[cell, :, points])
    merged = own if neighbours is None else _merge(own, corner, cell, neighbours, table)
    sure = np.minimum(np.maximum(score.real(flat[cell, points]), 0.0), 1.0)
    return DecodedFace((merged / grid).astype(np.float32), float(sure.sum()) / n)


@cache
def _corners(grid: int) -> Floats:
    """Return x and y of the top-left corner of each cell, row after row, float32 (G * G, 2)."""
    row, column = np.divmod(np.arange(grid * grid), grid)
    corners = np.stack([column, row], axis=1).astype(np.float32)
    corners.flags.writeable = False
    return corners


def _merge(
    own: Floats, corner: Floats, cell: Ints, neighbours: OutputTensor, table: NeighbourTable
) -> Floats:
    """Average each landmark's own place with the votes of others for it, cells, (L, 2)."""
    n, k = table.n_points, table.k
    cells = neighbours.values.shape[0] * neighbours.values.shape[1]
    votes = neighbours.values.reshape(cells, 2, n, k)[cell, :, np.arange(n)]  # (L, 2, K)
    weighted = (corner[:, :, None] + neighbours.real(votes)) * table.vote_weight[:, None]
    sums = np.bincount(table.vote_places, weighted.ravel(), minlength=2 * n).reshape(n, 2)
    return np.asarray(own * table.own_weight[:, None] + sums)


def decode_regression(vector: OutputTensor, origin: Floats, scale: Floats) -> DecodedFace:
    """Decode a regression head: scaled differences from places in the crop.

    Args:
        vector: (2 L,), interleaved x, y; each value is (point - origin) / scale.
        origin: float (L, 2), unit coordinates of the crop: the mean face, or what the card says.
        scale: float (L, 2), what the differences were divided by.

    Returns:
        Points with presence 1: a plain regression head has no opinion on it.
    """
    if vector.values.shape != (origin.size,) or scale.shape != origin.shape:
        raise ValueError(
            f"expected a vector of {origin.size} values and a scale of {origin.shape}, "
            f"received {vector.values.shape} and {scale.shape}"
        )
    difference = vector.real().reshape(-1, 2)
    return DecodedFace((origin + difference * scale).astype(np.float32), 1.0)


def decode_pose(pose: OutputTensor) -> Floats:
    """Decode a pose output (3,) to yaw, pitch, roll in degrees, float32 (3,).

    Raises:
        ValueError: another shape.
    """
    if pose.values.shape != (3,):
        raise ValueError(f"expected a pose of shape (3,), received {pose.values.shape}")
    return pose.real() * np.float32(POSE_UNIT_DEG)
