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
from math import asin, atan2, cos, degrees, radians, sin

import numpy as np

from landmarks.canonical_face import canonical_face
from landmarks.cross_scheme import to_68
from landmarks.head_fit import Rotation, WeightedFace, fit_rotation
from landmarks.schemes import IBUG68, Scheme
from landmarks.types import Floats

POSE_UNIT_DEG = 90.0  # a network's ``pose`` output times this is yaw, pitch, roll in degrees

_INNER = [*range(17, 36), 36, 39, 42, 45]  # brows, nose, eye corners
_JAW = slice(0, 17)
_JAW_WEIGHT = 0.3  # its points are labelled and shaped with more spread than the inner ones
_JAW_HIDDEN_DEG = 20.0  # yaw at which the far side of the jaw counts no more
_YAW_STEP_DEG = 0.25  # weights are prepared for so many yaws that a frame seldom needs new ones
_FAR_WHEN_YAW_POSITIVE = np.array([1.0] * 8 + [0.0] + [-1.0] * 8)
_JAW_NOWHERE = np.zeros(17)
_MAX_STEPS = 8
_ROUGH_STEPS = 2  # enough to weigh the two sides of the jaw


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


@dataclass(frozen=True)
class FittedHead:
    """The canonical face laid over landmarks, by scaled orthography.

    Attributes:
        scale_px: distance of the outer eye corners in space, pixels: what a head of this size shows
            when it looks into the camera.
        rotation: rows of the rotation from head to camera axes, (3, 3).
    """

    scale_px: float
    rotation: Rotation

    @property
    def angles_deg(self) -> tuple[float, float, float]:
        """Yaw, pitch, roll; signs as in the module's text."""
        return _angles_deg(self.rotation)


def fit_head(points: Floats, scheme: Scheme) -> FittedHead:
    """Return the size and the rotation of ``head_pose``.

    Raises:
        ValueError: as ``head_pose``.
    """
    _, scale, rotation = _fit(_finite_68(points, scheme))
    return FittedHead(scale, rotation)


def head_pose(points: Floats, scheme: Scheme) -> HeadPose:
    """Fit the canonical face to landmarks, least squares.

    Args:
        points: float (n, 2), pixels of any picture that keeps the aspect (frame or crop).
        scheme: of the points; 300w-68, or wflw-98, which is converted.

    Raises:
        ValueError: another scheme, or points that are not finite, coincide or lie on a line.
    """
    points_68 = _finite_68(points, scheme)
    face, scale, rotation = _fit(points_68)
    error = face.rms_distance(points_68, scale, rotation) / scale
    return HeadPose(*_angles_deg(rotation), error)


def head_angles_deg(points: Floats, scheme: Scheme) -> tuple[float, float, float]:
    """Return yaw, pitch, roll of ``head_pose``, without the error of the fit: for each frame.

    Raises:
        ValueError: as ``head_pose``.
    """
    return fit_head(points, scheme).angles_deg


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


def _finite_68(points: Floats, scheme: Scheme) -> Floats:
    points_68 = np.asarray(to_68(points, scheme), np.float64)
    if not np.isfinite(points_68).all():
        raise ValueError("cannot fit a head to points that are not finite")
    return points_68


def _fit(points_68: Floats) -> tuple[WeightedFace, float, Rotation]:
    """Return the face as it was weighted, its scale and its rotation."""
    _, rough = fit_rotation(_inner_face(), points_68, _ROUGH_STEPS)
    yaw_deg, _, _ = _angles_deg(rough)
    seen_yaw_deg = max(-_JAW_HIDDEN_DEG, min(_JAW_HIDDEN_DEG, yaw_deg))
    face = _face_turned(round(seen_yaw_deg / _YAW_STEP_DEG))
    return face, *fit_rotation(face, points_68, _MAX_STEPS)


def _angles_deg(rows: Sequence[Sequence[float]]) -> tuple[float, float, float]:
    pitch = asin(min(1.0, max(-1.0, -rows[2][1])))
    if abs(rows[2][1]) > 1 - 1e-12:
        return degrees(atan2(rows[0][2], rows[0][0])), degrees(pitch), 0.0
    yaw = atan2(-rows[2][0], rows[2][2])
    roll = atan2(-rows[0][1], rows[1][1])
    return degrees(yaw), degrees(pitch), degrees(roll)


@cache
def _inner_face() -> WeightedFace:
    """The face with the points that need no jaw."""
    return WeightedFace.of(canonical_face(), _weights(_JAW_NOWHERE))


@cache
def _face_turned(yaw_steps: int) -> WeightedFace:
    """The face with the far side of the jaw weighted as a head of this yaw shows it."""
    far = _FAR_WHEN_YAW_POSITIVE * (yaw_steps * _YAW_STEP_DEG / _JAW_HIDDEN_DEG)
    return WeightedFace.of(canonical_face(), _weights(1.0 - np.clip(far, 0.0, 1.0)))


def _weights(jaw_seen: Floats) -> Floats:
    """Return the weight of each of the 68 points; how much the 17 of the jaw are seen is given."""
    weights = np.zeros(IBUG68.n_points)
    weights[_INNER] = 1.0
    weights[_JAW] = _JAW_WEIGHT * jaw_seen
    return weights
