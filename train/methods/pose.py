"""The head-pose task (ASMNet, section 3.1), for any network with an output ``pose``.

No landmark data set has pose labels. The paper took HopeNet's predictions for them; here they come
from the landmarks, by a fit of a canonical 3-D face (``landmarks.pose``). A face that it fits badly
does not count.
"""

from __future__ import annotations

import numpy as np

from landmarks.cross_scheme import has_68
from landmarks.errors import UsageError
from landmarks.pose import POSE_UNIT_DEG, head_pose
from landmarks.schemes import Scheme
from landmarks.types import Floats
from train.methods.losses import pose_loss
from train.methods.method import LabelBatch, Task
from train.settings.teaching import PoseConfig

LABEL_SOURCE = "scaled orthography of a canonical 3-D face, fitted to the landmarks"


def check_pose_labels(scheme: Scheme) -> None:
    """Refuse a scheme whose landmarks do not tell the pose of a head.

    Raises:
        UsageError: so it is; the message says how to train without a pose output.
    """
    if not has_68(scheme):
        raise UsageError(
            f"no head pose comes from the landmarks of {scheme.name}, only from 300w-68 and what "
            "holds its points: train without a pose output, --set pose.output=false"
        )


def pose_task(scheme: Scheme, config: PoseConfig) -> Task:
    """Return the task: yaw, pitch and roll in units of ``POSE_UNIT_DEG``."""

    def label(points: Floats) -> tuple[float, float, float, float]:
        if np.isnan(points).any():  # a box without a face
            return 0.0, 0.0, 0.0, 0.0
        pose = head_pose(points, scheme)
        counts = pose.reprojection_error <= config.max_reprojection
        yaw, pitch, roll = (
            angle / POSE_UNIT_DEG for angle in (pose.yaw_deg, pose.pitch_deg, pose.roll_deg)
        )
        return yaw, pitch, roll, float(counts)

    def targets(labels: LabelBatch) -> Floats:
        return np.array([label(points) for points in labels.points_unit], np.float32)

    return Task(
        outputs=("pose",), target_size=4, targets=targets, loss=pose_loss, weight=config.weight
    )
