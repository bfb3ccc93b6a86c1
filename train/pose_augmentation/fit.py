"""The morphable face that lies under 68 labels, and where its landmarks are seen when it turns.

Pose and shape are fitted in turns: the pose by ``landmarks.head_fit``, the weights of the offsets
by least squares with a prior. 300W labels the jaw where the outline of the face is seen, which is
no fixed place of the head: of the vertices between cheek and jaw, the one that lies farthest
outwards is taken (landmark marching; Zhu et al., CVPR 2015, section 3.1.1). On the side that is
turned to the viewer the labels move back to the angle of the jaw.

What is left between the fitted face and the labels is spread over the mesh, so that the labels are
met exactly.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from landmarks.head_fit import WeightedFace, fit_rotation
from landmarks.pose import head_pose, pose_rotation, rotation_angles_deg
from landmarks.schemes import IBUG68
from landmarks.types import Floats, Ints
from train.pose_augmentation.face_model import FaceModel

ROUNDS = 6
LABEL_NOISE = 0.03  # eye distances
JAW_NOISE = 0.06  # along the outline a label may slide
_STEPS = 8
_FULLY_BACK = np.sin(np.radians(20.0))  # of the yaw at which the near jaw is labelled at its angle
_JAW = slice(0, 17)


@dataclass(frozen=True)
class FaceFit:
    """A morphable face under labels.

    Attributes:
        model: the face.
        weights: float64 (k,), of its offsets.
        scale: pixels of an eye distance.
        rotation: float64 (3, 3), head to camera axes.
        shift_px: float64 (2,), where the origin of the face lies.
        sites: (68,), the vertices that were matched with the labels.
        spread_px: float64 (69, 2), what moves the mesh on to the labels; see ``points_camera``.
        error: root-mean-square distance of the labels to the fitted face, before they were met, in
            eye distances.
    """

    model: FaceModel
    weights: Floats
    scale: float
    rotation: Floats
    shift_px: Floats
    sites: Ints
    spread_px: Floats
    error: float

    @property
    def angles_deg(self) -> tuple[float, float, float]:
        """Yaw, pitch, roll; signs as in ``landmarks.pose``."""
        return rotation_angles_deg(self.rotation)

    def points_camera(self, vertices: Ints | slice = slice(None)) -> Floats:
        """Return vertices of the face on the labels, float64 (n, 3).

        x and y are pixels of the picture; z, away from the viewer, has the same unit.
        """
        points = self.scale * self.model.shape(self.weights, vertices) @ self.rotation.T
        spread = _kernel(self.model, vertices, self.sites) @ self.spread_px
        points[:, :2] += self.shift_px + spread
        return np.asarray(points, np.float64)

    @cached_property
    def centre_camera(self) -> Floats:
        """The point that a turn leaves in its place, float64 (3,): the middle of the landmarks."""
        return np.asarray(self.points_camera(self.model.landmarks).mean(axis=0))

    def landmarks_turned(self, rotation: Floats) -> Floats:
        """Return the landmarks of the turned face, float32 (68, 2).

        Args:
            rotation: (3, 3), the new one from head to camera axes.
        """
        points = self.points_camera(_seen_sites(self.model, self.weights, rotation))
        turned = (points - self.centre_camera) @ self.turn_to(rotation).T + self.centre_camera
        return turned[:, :2].astype(np.float32)

    def turn_to(self, rotation: Floats) -> Floats:
        """Return the turn (3, 3) in camera axes that gives the face this rotation."""
        return np.asarray(rotation @ self.rotation.T)


def fit_face(model: FaceModel, points: Floats) -> FaceFit:
    """Fit a face to labels.

    Args:
        model: the face.
        points: float (68, 2), 300w-68, pixels of the picture.

    Raises:
        ValueError: the points are not finite, coincide or lie on a line.
    """
    points = np.asarray(points, np.float64)
    rotation = pose_rotation(head_pose(points, IBUG68).angles_deg)
    noise = np.full(len(points), LABEL_NOISE)
    noise[_JAW] = JAW_NOISE
    weights: Floats = np.zeros(len(model.spread))
    for _ in range(ROUNDS):
        sites = _seen_sites(model, weights, rotation)
        face = WeightedFace.of(model.shape(weights, sites), 1 / noise**2)
        scale, rows = fit_rotation(face, points, _STEPS)
        rotation = np.array(rows)
        weights, shift = _fit_shape(model, sites, points / scale, rotation[:2], noise)
    seen = model.shape(weights, sites) @ rotation[:2].T + shift
    rest = points - scale * seen
    error = float(np.sqrt((rest**2).sum(axis=1).mean())) / scale
    # the kernel wants weights that sum to nothing, and a constant beside them
    system = np.vstack([_kernel(model, sites, sites), np.append(np.ones(len(sites)), 0)])
    spread = np.linalg.lstsq(system, np.vstack([rest, np.zeros(2)]), rcond=None)[0]
    return FaceFit(model, weights, scale, rotation, scale * shift, sites, spread, error)


def _fit_shape(
    model: FaceModel, sites: Ints, points: Floats, rows: Floats, noise: Floats
) -> tuple[Floats, Floats]:
    """Return weights and shift of the most likely face, all in eye distances."""
    offsets = rows.astype(np.float32) @ model.offsets[sites]  # (68, 2, k)
    likely = (model.spread * offsets).reshape(2 * len(sites), -1)
    certainty = np.repeat(1 / noise, 2)
    shifts = np.tile(np.eye(2), (len(sites), 1))
    system = certainty[:, None] * np.hstack([likely, shifts])
    rest = certainty * (points - model.neutral[sites] @ rows.T).ravel()
    prior = np.append(np.ones(likely.shape[1]), [0, 0])
    solution = np.linalg.solve(system.T @ system + np.diag(prior), system.T @ rest)
    return model.spread * solution[:-2], solution[-2:]


def _seen_sites(model: FaceModel, weights: Floats, rotation: Floats) -> Ints:
    """Return the vertices that are labelled on a face turned so: the jaw where its outline is."""
    yaw, _, roll = np.radians(rotation_angles_deg(rotation))
    upright = np.array([[np.cos(roll), np.sin(roll)], [-np.sin(roll), np.cos(roll)]])
    rays = model.cheek_rays
    seen = model.shape(weights, rays.ravel()) @ (upright @ rotation[:2]).T
    outwards = model.neutral[rays[:, -1], :2] - model.neutral[rays[:, 0], :2]
    farthest = np.einsum("jci,ji->jc", seen.reshape(*rays.shape, 2), outwards).argmax(axis=1)
    sites = model.landmarks.copy()
    sites[_JAW] = rays[np.arange(len(rays)), farthest]
    # positive yaw shows the side of the landmarks 9 to 16
    near = np.arange(9, 17) if yaw > 0 else np.arange(8)
    steps = model.back_rays.shape[1] - 1
    step = round(steps * min(1.0, np.sin(abs(yaw)) / _FULLY_BACK))
    sites[near] = model.back_rays[near, step]
    return sites


def _kernel(model: FaceModel, vertices: Ints | slice, sites: Ints) -> Floats:
    """Distances of vertices to the sites, and a 1: (n, 69), the thin plate of three dimensions."""
    at, to = model.neutral[vertices].astype(np.float64), model.neutral[sites].astype(np.float64)
    squared = (at**2).sum(axis=1)[:, None] + (to**2).sum(axis=1) - 2 * at @ to.T
    return np.hstack([np.sqrt(np.maximum(squared, 0)), np.ones((len(at), 1))])
