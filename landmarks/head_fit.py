"""The rotation and scale that show 3-D points as picture points: least squares, few numbers.

Camera: scaled orthography, axes as in ``landmarks.pose``.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

import numpy as np

from landmarks.types import Floats

Row = tuple[float, float, float]
Rotation = tuple[Row, Row, Row]  # head to camera axes

_STEP_DONE = 1e-4  # radians, and fraction of the scale; a further step would change 1e-8
_FLAT = 1e-3  # a face this much narrower than long is a line


@dataclass(frozen=True)
class WeightedFace:
    """The canonical face, or part of it, with a weight for each point.

    Attributes:
        share: (m,), weights that sum to 1.
        centred: (m, 3), points about their weighted centre.
        root: the columns of a lower triangle; it times its transpose is the scatter of the points.
        to_affine: (m, 6); picture points.T @ to_affine is their best affine map, (2, 3), and beside
            it the same times the root.
    """

    share: Floats
    centred: Floats
    root: tuple[Row, Row, Row]
    to_affine: Floats

    @classmethod
    def of(cls, face: Floats, weights: Floats) -> WeightedFace:
        """Weigh points (m, 3) by weights (m,); those of weight 0 do not count."""
        share = weights / weights.sum()
        centred = face - share @ face
        weighted = centred.T * share
        scatter = weighted @ centred
        root = np.linalg.cholesky(scatter)
        to_affine = np.linalg.solve(scatter, weighted).T
        first, second, third = map(tuple, root.T.tolist())
        both = np.hstack([to_affine, to_affine @ root])
        return cls(share, centred, (first, second, third), both)

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
    (xi, xj, xk, a, b, c), (yi, yj, yk, d, e, f) = (points.T @ face.to_affine).tolist()
    scale, rotation = _orthogonalised((xi, xj, xk), (yi, yj, yk))
    for _ in range(steps):
        # x, y, z: what the rotated and scaled face is in the coordinates of the scatter's root
        x, y, z = (_in_root(row, scale, face.root) for row in rotation)
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
    right = _combined((c + product) / whole, x, -b / whole, y)
    down = _combined((a + product) / whole, y, -b / whole, x)
    return total / 2, (right, down, _cross(right, down))


def _in_root(row: Row, scale: float, root: tuple[Row, Row, Row]) -> Row:
    """Return ``scale * row @ root``, where the root has no numbers above its diagonal."""
    a, b, c = row
    (ra, rb, rc), (_, sb, sc), (_, _, tc) = root
    return scale * (a * ra + b * rb + c * rc), scale * (b * sb + c * sc), scale * c * tc


def _turned(rows: Rotation, wx: float, wy: float, wz: float) -> Rotation:
    """Turn a rotation by a small vector, radians, in camera axes, exactly: Cayley's map.

    It needs no sine and agrees with the exponential to second order, all that a step of
    Gauss-Newton asks for.
    """
    a, b, c = wx / 2, wy / 2, wz / 2
    aa, bb, cc = a * a, b * b, c * c
    whole = 1 + aa + bb + cc
    right, down, away = rows
    (r0, r1, r2), (d0, d1, d2), (w0, w1, w2) = right, down, away
    s, t, u = (1 + aa - bb - cc) / whole, 2 * (a * b - c) / whole, 2 * (a * c + b) / whole
    right = (s * r0 + t * d0 + u * w0, s * r1 + t * d1 + u * w1, s * r2 + t * d2 + u * w2)
    s, t, u = 2 * (a * b + c) / whole, (1 - aa + bb - cc) / whole, 2 * (b * c - a) / whole
    down = (s * r0 + t * d0 + u * w0, s * r1 + t * d1 + u * w1, s * r2 + t * d2 + u * w2)
    return right, down, _cross(right, down)


def _dot(a: Row, b: Row) -> float:
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]


def _combined(s: float, a: Row, t: float, b: Row) -> Row:
    return s * a[0] + t * b[0], s * a[1] + t * b[1], s * a[2] + t * b[2]


def _cross(a: Row, b: Row) -> Row:
    return (
        a[1] * b[2] - a[2] * b[1],
        a[2] * b[0] - a[0] * b[2],
        a[0] * b[1] - a[1] * b[0],
    )
