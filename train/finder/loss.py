"""What a finder is punished for: a wrong score anywhere; a wrong box and roll on a face."""

from __future__ import annotations

from typing import Any

from keras import ops

BOX_WEIGHT = 2.0
ROLL_WEIGHT = 0.5
MAX_LOG_SIDE = 5.0  # e^5 cells is larger than any scene: keeps the first steps finite


def finder_loss(y_true: Any, y_pred: Any) -> Any:
    """Return the loss of a batch, divided by its faces.

    Scores: quality focal loss (Li et al. 2020), cross-entropy with a soft truth, weighted by the
    squared distance from it. Boxes: 1 - IoU + squared distance of the centres in sides (DIoU, Zheng
    et al. 2020, with the side in place of the diagonal round both). Roll: squared distance of its
    cosine and sine.

    Args:
        y_true: (B, G, G, 9), see ``train.finder.targets``.
        y_pred: (B, G, G, 6): score, offset x and y, side, cosine and sine of the roll.
    """
    heat, weight, box_weight = y_true[..., 0], y_true[..., 1], y_true[..., 5]
    logit = y_pred[..., 0]
    cross_entropy = ops.softplus(logit) - heat * logit
    score = weight * ops.square(heat - ops.sigmoid(logit)) * cross_entropy
    faces = ops.maximum(ops.sum(box_weight), 1.0)
    box = box_weight * _box_loss(y_true[..., 2:5], y_pred[..., 1:4])
    turned = ops.sum(ops.square(y_true[..., 6:8] - y_pred[..., 4:6]), axis=-1)
    roll = y_true[..., 8] * turned
    total = ops.sum(score) + BOX_WEIGHT * ops.sum(box) + ROLL_WEIGHT * ops.sum(roll)
    return total / faces


def _box_loss(truth: Any, answer: Any) -> Any:
    """Return the loss of square boxes given as offset x, y and logarithm of the side."""
    side, other = (ops.exp(ops.minimum(box[..., 2], MAX_LOG_SIDE)) for box in (truth, answer))
    apart = truth[..., :2] - answer[..., :2]
    reach = ops.expand_dims((side + other) / 2, -1)
    smaller = ops.expand_dims(ops.minimum(side, other), -1)
    shared = ops.prod(ops.clip(reach - ops.abs(apart), 0.0, smaller), axis=-1)
    union = ops.square(side) + ops.square(other) - shared
    distance = ops.sum(ops.square(apart), axis=-1) / ops.square(side)
    return 1 - shared / union + distance
