"""Heads whose pose is known: ICT-FaceKit with random identity, expression and camera distance."""

from __future__ import annotations

import numpy as np
import pytest

from landmarks.pose import head_pose, pose_rotation
from landmarks.schemes import IBUG68

HEADS = 300
LABEL_NOISE, JAW_NOISE = 0.015, 0.03  # of the eye distance; along the jaw labels slide


class HeadMaker:
    """Shows random heads of the model as landmarks of a picture."""

    def __init__(self, folder):
        model = np.load(folder / "ict_face9409_f16.npz")
        self.landmarks = np.load(folder / "landmarks68_idx.npy")
        neutral = model["neutral"].astype(np.float32) * (1, -1, -1)
        eyes = neutral[self.landmarks[[36, 45]]]
        self.unit = np.linalg.norm(eyes[1] - eyes[0])
        self.neutral = neutral / self.unit
        self.identity, self.expression = (
            (model[part].astype(np.float32) * (1, -1, -1) / self.unit).reshape(len(model[part]), -1)
            for part in ("identity", "expression")
        )

    def show(self, angles_deg, rng):
        """Landmarks of a new head seen from 8 to 40 eye distances, in eye distances."""
        used = rng.random(len(self.expression)) < 0.12
        strength = (
            rng.uniform(0, 0.7, len(self.expression)) * used * (1 if rng.random() < 1 / 3 else 0.4)
        )
        change = rng.normal(size=len(self.identity)) @ self.identity + strength @ self.expression
        seen = (self.neutral + change.reshape(-1, 3)) @ pose_rotation(angles_deg).T
        seen -= seen[self.landmarks].mean(axis=0)
        distance = np.exp(rng.uniform(np.log(8), np.log(40)))
        picture = seen[:, :2] / (1 + seen[:, 2:] / distance)
        points = self._with_visible_contour(picture, *angles_deg)
        points += rng.normal(0, LABEL_NOISE, points.shape)
        points[:17] += rng.normal(0, JAW_NOISE, (17, 2))
        return points

    def _with_visible_contour(self, picture, yaw, pitch, roll):
        """Move the far jaw to where the face ends at the same height, as people label it."""
        a = np.deg2rad(roll)
        level = np.array(
            [[np.cos(a), -np.sin(a)], [np.sin(a), np.cos(a)]]
        )  # turns the head upright
        upright = picture @ level
        points = upright[self.landmarks].copy()
        far, edge = (range(8), np.min) if yaw > 0 else (range(9, 17), np.max)
        for i in far:
            row = np.abs(upright[:, 1] - points[i, 1]) < 0.04
            points[i, 0] = edge([points[i, 0], edge(upright[row, 0])])
        return points @ level.T


def test_angles_of_random_heads_are_found_within_two_degrees(shared_data, rng):
    if not (shared_data / "ict").is_dir():
        pytest.skip(f"no ICT face in {shared_data}")
    heads = HeadMaker(shared_data / "ict")
    angles = rng.normal((0, -3, 0), (25, 12, 10), (HEADS, 3))
    angles[: HEADS // 4, 0] = rng.uniform(-75, 75, HEADS // 4)
    found = [head_pose(heads.show(each, rng), IBUG68).angles_deg for each in angles]
    errors = np.abs(np.array(found) - angles)
    assert (errors.mean(axis=0) < (1.9, 2.0, 1.0)).all()
    assert (errors[np.abs(angles[:, 0]) > 40].mean(axis=0) < (1.9, 2.4, 1.2)).all()
