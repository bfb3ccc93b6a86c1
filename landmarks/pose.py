"""Head pose from landmarks: yaw, pitch and roll by a fit of the canonical 3-D face, and back.

Camera: scaled orthography. A crop does not know its focal length, and the points do not tell it: a
camera at 7 to 25 eye distances fits the faces of 300W no better than one at infinity.

Signs are HopeNet's, seen on the screen: yaw > 0 turns the nose to the left of the picture,
pitch > 0 lifts it, roll > 0 turns the head clockwise. In camera axes (right-handed: x right, y
down, z away from the viewer) the rotation is ``Rz(roll) @ Rx(-pitch) @ Ry(yaw)``. So a turn of the
picture adds to roll and to nothing else, a mirrored picture negates yaw and roll, and the angles
are singular at a pitch of 90 degrees alone, which faces in pictures do not reach. HopeNet
multiplies in another order, singular at a yaw of 90 degrees; on 300W's faces its angles of the same
rotation differ by 1.0, 1.5 and 0.3 degrees on average.

Points: brows, eye corners and nose first. Their fit says which way the head is turned, and a second
one adds the jaw, each side with a weight that falls to zero as it turns away from the viewer: there
the visible contour is no fixed place of the head. On 500 ICT-FaceKit heads with random identity,
expression and camera distance and with a sliding contour, the mean errors of yaw, pitch and roll in
degrees are 1.8, 2.5, 0.8 without jaw, 4.2, 1.5, 1.1 with all 68 points and 1.7, 1.8, 0.8 this way.
Mouth and eyelids move and make it no better.

Example:
    >>> from landmarks.schemes import IBUG68
    >>> points = project_face((20.0, -5.0, 10.0), eye_distance_px=80, centre_px=(120, 100))
    >>> pose = head_pose(points, IBUG68)
    >>> round(pose.yaw_deg), round(pose.pitch_deg), round(pose.roll_deg)
    (20, -5, 10)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from math import asin, atan2, cos, degrees, radians, sin, sqrt

import numpy as np

from landmarks.canonical_face import canonical_face
from landmarks.cross_scheme import to_68
from landmarks.schemes import Scheme
from landmarks.types import Floats

POSE_UNIT_DEG = 90.0  # a network's ``pose`` output times this is yaw, pitch, roll in degrees

_INNER = (*range(17, 36), 36, 39, 42, 45)  # brows, nose, eye corners
_JAW = tuple(range(17))
_POINTS = (*_INNER, *_JAW)
_JAW_WEIGHT = 0.3  # its points are labelled and shaped with more spread than the inner ones
_JAW_HIDDEN_DEG = 20.0  # yaw at which the far side of the jaw counts no more
_FAR_WHEN_YAW_POSITIVE = np.array([0.0] * len(_INNER) + [1.0] * 8 + [0.0] + [-1.0] * 8)
_WEIGHTS = np.array([1.0] * len(_INNER) + [_JAW_WEIGHT] * len(_JAW))
_MAX_STEPS = 8
_ROUGH_STEPS = 2  # enough to weigh the two sides of the jaw
_STEP_DONE = 1e-4  # radians, and fraction of the scale; a further step would change 1e-8
_FLAT = 1e-3  # a face this much narrower than long is a line

_Row = Sequence[float]  # of 3
_Rotation = Sequence[_Row]  # 3 rows, head to camera axes


@dataclass(frozen=True)
class HeadPose:
    """The pose of a head in a picture, degrees; signs as in the module's text.

    Attributes:
        yaw_deg: -180 to 180, positive with the nose to the left of the picture.
        pitch_deg: -90 to 90, positive looking up.
        roll_deg: -180 to 180, positive clockwise on the screen.
        reprojection_error: root-mean-square distance of the fitted points (brows, eye corners, nose
            and visible jaw) as a fraction of the outer eye corners' distance of the fitted head; a
            large one says that the points are no face. 300W's labels: median 0.057, 99 % below
            0.095.
    """

    yaw_deg: float
    pitch_deg: float
    roll_deg: float
    reprojection_error: float

    @property
    def angles_deg(self) -> tuple[float, float, float]:
        """Yaw, pitch, roll."""
        return self.yaw_deg, self.pitch_deg, self.roll_deg


def head_pose(points: Floats, scheme: Scheme) -> HeadPose:
    """Fit the canonical face to landmarks, least squares.

    Args:
        points: float (n, 2), pixels of any picture that keeps the aspect (frame or crop).
        scheme: of the points; 300w-68, or wflw-98, which is converted.

    Raises:
        ValueError: another scheme, or points that are not finite, coincide or lie on a line.
    """
    points_68 = np.asarray(to_68(points, scheme), np.float64)
    if not np.isfinite(points_68).all():
        raise ValueError("cannot fit a head to points that are not finite")
    chosen = points_68[_POINTS, :]
    _, rough = _fit(_inner_face(), chosen[: len(_INNER)], _ROUGH_STEPS)
    yaw_deg, _, _ = _angles_deg(rough)
    hidden = np.clip(_FAR_WHEN_YAW_POSITIVE * (yaw_deg / _JAW_HIDDEN_DEG), 0.0, 1.0)
    face = _WeightedFace.of(canonical_face()[_POINTS, :], _WEIGHTS * (1.0 - hidden))
    scale, rotation = _fit(face, chosen, _MAX_STEPS)
    return HeadPose(*_angles_deg(rotation), face.rms_distance(chosen, scale, rotation) / scale)


def pose_rotation(angles_deg: Sequence[float] | Floats) -> Floats:
    """Return the rotation of yaw, pitch, roll in degrees: float64 (3, 3), head to camera axes."""
    yaw, pitch, roll = (radians(float(angle)) for angle in angles_deg)
    about_z = np.array([[cos(roll), -sin(roll), 0], [sin(roll), cos(roll), 0], [0, 0, 1]])
    about_x = np.array([[1, 0, 0], [0, cos(pitch), sin(pitch)], [0, -sin(pitch), cos(pitch)]])
    about_y = np.array([[cos(yaw), 0, sin(yaw)], [0, 1, 0], [-sin(yaw), 0, cos(yaw)]])
    return np.asarray(about_z @ about_x @ about_y, np.float64)


def rotation_angles_deg(rotation: Floats) -> tuple[float, float, float]:
    """Return yaw, pitch, roll in degrees of a rotation (3, 3) from head to camera axes.

    At a pitch of 90 degrees yaw and roll turn the same way; the turn is then all given to yaw.
    """
    return _angles_deg(rotation.tolist())


def project_face(
    angles_deg: Sequence[float] | Floats,
    *,
    eye_distance_px: float,
    centre_px: tuple[float, float],
) -> Floats:
    """Return the canonical face as a head of this pose shows it, float32 (68, 2), 300w-68.

    Args:
        angles_deg: yaw, pitch, roll.
        eye_distance_px: distance of the outer eye corners in space, in pixels.
        centre_px: where the middle between the outer eye corners lies.
    """
    rows = pose_rotation(angles_deg)[:2]
    points = eye_distance_px * canonical_face() @ rows.T + np.asarray(centre_px)
    return np.asarray(points, np.float32)


def _angles_deg(rows: Sequence[Sequence[float]]) -> tuple[float, float, float]:
    pitch = asin(min(1.0, max(-1.0, -rows[2][1])))
    if abs(rows[2][1]) > 1 - 1e-12:
        return degrees(atan2(rows[0][2], rows[0][0])), degrees(pitch), 0.0
    yaw = atan2(-rows[2][0], rows[2][2])
    roll = atan2(-rows[0][1], rows[1][1])
    return degrees(yaw), degrees(pitch), degrees(roll)


@dataclass(frozen=True)
class _WeightedFace:
    """The canonical face, or part of it, with a weight for each point.

    Attributes:
        share: (m,), weights that sum to 1.
        centred: (m, 3), points about their weighted centre.
        to_affine: (m, 3); picture points.T @ to_affine is their best affine map, (2, 3).
        root: (3, 3), lower triangle; root @ root.T is the scatter of the points.
    """

    share: Floats
    centred: Floats
    to_affine: Floats
    root: Floats

    @classmethod
    def of(cls, face: Floats, weights: Floats) -> _WeightedFace:
        share = weights / weights.sum()
        centred = face - share @ face
        weighted = centred.T * share
        scatter = weighted @ centred
        return cls(
            share, centred, np.linalg.solve(scatter, weighted).T, np.linalg.cholesky(scatter)
        )

    def rms_distance(self, points: Floats, scale: float, rotation: _Rotation) -> float:
        """Return the weighted RMS distance of picture points (m, 2) to the fitted face."""
        seen = self.centred @ (scale * np.array(rotation[:2]).T)
        difference = points - self.share @ points - seen
        return sqrt(float(self.share @ (difference**2).sum(axis=1)))


@cache
def _inner_face() -> _WeightedFace:
    """The points that need no jaw."""
    inner = len(_INNER)
    return _WeightedFace.of(canonical_face()[_INNER, :], _WEIGHTS[:inner])


def _fit(face: _WeightedFace, points: Floats, steps: int) -> tuple[float, _Rotation]:
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
    columns = face.root.T.tolist()
    for _ in range(steps):
        # x, y, z: what the rotated and scaled face is in the coordinates of the scatter's root
        x, y, z = ([scale * _dot(row, column) for column in columns] for row in rotation)
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


def _orthogonalised(x: _Row, y: _Row) -> tuple[float, _Rotation]:
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


def _turned(rows: _Rotation, wx: float, wy: float, wz: float) -> _Rotation:
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


def _dot(a: _Row, b: _Row) -> float:
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]


def _cross(a: _Row, b: _Row) -> list[float]:
    return [
        a[1] * b[2] - a[2] * b[1],
        a[2] * b[0] - a[0] * b[2],
        a[0] * b[1] - a[1] * b[0],
    ]
