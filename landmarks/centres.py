"""Maps of a face finder to boxes: each cell says whether a face is centred there (CenterNet 2019).

Cells of one face agree on nearly the same box. Suppression keeps the surest and takes the mean of
all that agree with it, weighted by score, as BlazeFace (2019) does: steadier than the surest alone.
A box that lies mostly inside a surer one, or round it, is the same face at another size: it goes.

Example:
    >>> import numpy as np
    >>> score = np.full((20, 20, 1), -9, np.float32)
    >>> score[10, 5] = 2.0
    >>> maps = [OutputTensor(a) for a in (score, np.zeros((20, 20, 2), "f4"), np.ones_like(score))]
    >>> boxes, scores = decode_centres(*maps, stride=8, min_score=0.5)
    >>> boxes.round(1).tolist()  # around (43.5, 83.5), 8 e px wide
    [[32.6, 72.6, 54.4, 94.4]]
"""

from __future__ import annotations

import numpy as np

from landmarks.decode import OutputTensor
from landmarks.types import Floats

AGREEING_IOU = 0.5
SAME_FACE_SHARE = 0.5  # of the smaller box that the two have in common
MOST_CELLS = 200  # surest cells that are looked at: a crowd, and bounded time for a broken file


def decode_centres(
    score: OutputTensor, offset: OutputTensor, side: OutputTensor, *, stride: int, min_score: float
) -> tuple[Floats, Floats]:
    """Return the boxes of faces, surest first.

    Args:
        score: (G, G, 1); logit that the centre of a face lies in or near the cell.
        offset: (G, G, 2); from the middle of the cell to that centre, x and y in cells.
        side: (G, G, 1); logarithm of the side of the box in cells.
        stride: pixels of the input to a cell.
        min_score: 0 to 1, of the boxes to return.

    Returns:
        Boxes float32 (n, 4), x0, y0, x1, y1 in pixels of the input, and scores float32 (n,).

    Raises:
        ValueError: the shapes do not fit together.
    """
    grid = score.values.shape[0]
    expected = [(grid, grid, 1), (grid, grid, 2), (grid, grid, 1)]
    if (received := [tensor.values.shape for tensor in (score, offset, side)]) != expected:
        raise ValueError(f"expected maps of shapes {expected}, received {received}")
    flat = score.values.ravel()
    least = np.log(min_score / (1 - min_score)) / score.scale + score.zero_point
    cells = np.flatnonzero(flat >= least)
    cells = cells[np.argsort(-flat[cells].astype(np.float32), kind="stable")][:MOST_CELLS]
    scores = 1 / (1 + np.exp(-score.real(flat[cells])))
    middle = np.stack([cells % grid, cells // grid], axis=1) + 0.5
    centres = (middle + offset.real(offset.values.reshape(-1, 2)[cells])) * stride - 0.5
    halves = np.exp(side.real(side.values.ravel()[cells]))[:, None] * (stride / 2)
    boxes = np.concatenate([centres - halves, centres + halves], axis=1)
    return merge_boxes(boxes.astype(np.float32), scores)


def merge_boxes(boxes: Floats, scores: Floats) -> tuple[Floats, Floats]:
    """Join boxes of the same face, see the module.

    Args:
        boxes: float32 (n, 4), x0, y0, x1, y1.
        scores: float32 (n,), falling.

    Returns:
        The same for each face.
    """
    joined, best = [], []
    while len(boxes):
        iou, share = _overlaps(boxes[0], boxes)
        agreeing, same = iou > AGREEING_IOU, share > SAME_FACE_SHARE
        agreeing[0] = same[0] = True  # a box that is no number has no overlap, and must still go
        joined.append(scores[agreeing] @ boxes[agreeing] / scores[agreeing].sum())
        best.append(scores[0])
        boxes, scores = boxes[~same], scores[~same]
    return np.array(joined, np.float32).reshape(-1, 4), np.array(best, np.float32)


def _overlaps(box: Floats, others: Floats) -> tuple[Floats, Floats]:
    """Return what a box (4,) has in common with each of (n, 4): IoU, and share of the smaller."""
    sides = np.minimum(box[2:], others[:, 2:]) - np.maximum(box[:2], others[:, :2])
    shared = np.prod(np.maximum(sides, 0), axis=1)
    areas = np.prod(others[:, 2:] - others[:, :2], axis=1)
    area = np.prod(box[2:] - box[:2])
    return shared / (areas + area - shared), shared / np.minimum(areas, area)
