"""The rotation and scale that show 3-D points as picture points: least squares, few numbers.

Camera: scaled orthography, axes as in ``landmarks.pose``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np

from landmarks.types import Floats

Row = Sequence[float]  # of 3
Rotation = Sequence[Row]  # 3 rows, head to camera axes

_STEP_DONE = 1e-4  # radians, and fraction of the scale; a further step would change 1e-8
_FLAT = 1e-3  # a face this much narrower than long is a line


@dataclass(frozen=True)
class WeightedFace:
    """The canonical face, or part of it, with a weight for each point.

    Attributes:
        share: (m,), weights that sum to 1.
        centred: (m, 3), points about their weighted centre.
        to_affine: (m, 3); picture points.T @ to_affine is their best affine map, (2, 3).
        root: (3, 3), lower triangle; root @ root.T is the scatter of the points.
        root_columns: the same as lists.
    """

    share: Floats
    centred: Floats
    to_affine: Floats
    root: Floats
    root_columns: Sequence[Row]

    @classmethod
    def of(cls, face: Floats, weights: Floats) -> WeightedFace:
        """Weigh points (m, 3) by weights (m,)."""
        share = weights / weights.sum()
        centred = face - share @ face
        weighted = centred.T * share
        scatter = weighted @ centred
        root = np.linalg.cholesky(scatter)
        to_affine = np.linalg.solve(scatter, weighted).T
        return cls(share, centred, to_affine, root, root.T.tolist())

    def rms_distance(self, points: Floats, scale: float, rotation: Rotation) -> float:
        """Return the weighted RMS distance of picture points (m, 2) to the fitted face."""
        seen = self.centred @ (scale * np.array(rotation[:2]).T)
        difference = points - self.share @ points - seen
        return sqrt(float(self.share @ (difference**2).sum(axis=1)))


def fit_rotation(face: WeightedFace, points: Floats, steps: int) -> tuple[float, Rotation]:
    """Fit scale and rotation of the canonical face to picture points (m, 2).

    The squared error of ``scale * rotation[:2]`` differs by a constant from its distance to the
    best affine map, measured with the scatter of the face. So the points enter once, and the
    Gauss-Newton steps see six residuals however many points there are: plain numbers, because
    NumPy needs longer to be called than they need to be computed.

    Returns:
        The scale, and the rows of the rotation.
    """
    affine = points.T @ face.to_affine  # (2, 3)
    scale, rotation = _orthogonalised(*affine.tolist())
    (a, b, c), (d, e, f) = (affine @ face.root).tolist()
    for _ in range(steps):
        # x, y, z: what the rotated and scaled face is in the coordinates of the scatter's root
        x, y, z = ([scale * _dot(row, column) for column in face.root_columns] for row in rotation)
        rx, ry = (a - x[0], b - x[1], c - x[2]), (d - y[0], e - y[1], f - y[2])
        # A turn about camera x moves y by -z, about y it moves x by z, about z x by -y and y by x;
        # a growth moves x by x and y by y. The normal matrix has blocks [[p I, B], [B, q I]], and
        # B @ B is a multiple of I, so it is solved by hand.
        p, q, u, v = _dot(z, z), _dot(x, x) + _dot(y, y), -_dot(z, x), -_dot(z, y)
        g_x, g_y = -_dot(z, ry), _dot(z, rx)
        g_z, g_s = _dot(x, ry) - _dot(y, rx), _dot(x, rx) + _dot(y, ry)
        rest = p - (u * u + v * v) / q
        turn_x = (g_x - (u * g_z + v * g_s) / q) / rest
        turn_y = (g_y - (v * g_z - u * g_s) / q) / rest
        turn_z = (g_z - u * turn_x - v * turn_y) / q
        growth = (g_s - v * turn_x + u * turn_y) / q
        rotation = _turned(rotation, turn_x, turn_y, turn_z)
        scale *= 1 + growth
        if max(abs(turn_x), abs(turn_y), abs(turn_z), abs(growth)) < _STEP_DONE:
            break
    return scale, rotation


def _orthogonalised(x: Row, y: Row) -> tuple[float, Rotation]:
    """Return the scale and the rotation closest to an affine map with these rows.

    Its polar decomposition, the square root of the 2 x 2 matrix of products in closed form.
    """
    a, b, c = _dot(x, x), _dot(x, y), _dot(y, y)
    product = sqrt(max(a * c - b * b, 0.0))  # of the two singular values
    total = sqrt(a + c + 2 * product)  # their sum
    if not product > _FLAT * total**2:
        raise ValueError("cannot fit a head to points that coincide or lie on a line")
    whole = total * product
    right = [((c + product) * i - b * j) / whole for i, j in zip(x, y, strict=True)]
    down = [((a + product) * j - b * i) / whole for i, j in zip(x, y, strict=True)]
    return total / 2, [right, down, _cross(right, down)]


def _turned(rows: Rotation, wx: float, wy: float, wz: float) -> Rotation:
    """Turn a rotation by a small vector, radians, in camera axes, exactly: Cayley's map.

    It needs no sine and agrees with the exponential to second order, all that a step of
    Gauss-Newton asks for.
    """
    a, b, c = wx / 2, wy / 2, wz / 2
    whole = 1 + a * a + b * b + c * c
    turn = (
        (1 + a * a - b * b - c * c, 2 * (a * b - c), 2 * (a * c + b)),
        (2 * (a * b + c), 1 - a * a + b * b - c * c, 2 * (b * c - a)),
        (2 * (a * c - b), 2 * (b * c + a), 1 - a * a - b * b + c * c),
    )
    columns = list(zip(*rows, strict=True))
    return [[_dot(row, column) / whole for column in columns] for row in turn]


def _dot(a: Row, b: Row) -> float:
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]


def _cross(a: Row, b: Row) -> list[float]:
    return [
        a[1] * b[2] - a[2] * b[1],
        a[2] * b[0] - a[0] * b[2],
        a[0] * b[1] - a[1] * b[0],
    ]
