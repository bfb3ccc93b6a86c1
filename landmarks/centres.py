"""Maps of a face finder to boxes: each cell says whether a face is centred there (CenterNet 2019).

Where the finder says how far faces are turned, the roll comes with the box: the cells that agree on
a box give the direction of their mean cosine and sine, weighted by score as the box is.

Cells of one face agree on nearly the same box. Suppression keeps the surest and takes the mean of
all that agree with it, weighted by score, as BlazeFace (2019) does: steadier than the surest alone.
A box that lies mostly inside a surer one, or round it, is the same face at another size: it goes.

Example:
    >>> import numpy as np
    >>> score = np.full((20, 20, 1), -9, np.float32)
    >>> score[10, 5] = 2.0
    >>> maps = [OutputTensor(a) for a in (score, np.zeros((20, 20, 2), "f4"), np.ones_like(score))]
    >>> faces = decode_centres(*maps, stride=8, min_score=0.5)
    >>> faces.boxes.round(1).tolist()  # around (43.5, 83.5), 8 e px wide
    [[32.6, 72.6, 54.4, 94.4]]
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from landmarks.decode import OutputTensor
from landmarks.types import Floats, Ints

AGREEING_IOU = 0.5
SAME_FACE_SHARE = 0.5  # of the smaller box that the two have in common
MOST_CELLS = 200  # surest cells that are looked at: a crowd, and bounded time for a broken file


@dataclass(frozen=True)
class FoundFaces:
    """Faces that a finder saw, surest first.

    Attributes:
        boxes: float32 (n, 4), x0, y0, x1, y1 in pixels of the input.
        scores: float32 (n,), 0 to 1.
        rolls_deg: float32 (n,), clockwise on the screen; NaN where the finder does not say it.
    """

    boxes: Floats
    scores: Floats
    rolls_deg: Floats


def decode_centres(
    score: OutputTensor,
    offset: OutputTensor,
    side: OutputTensor,
    roll: OutputTensor | None = None,
    *,
    stride: int,
    min_score: float,
) -> FoundFaces:
    """Return the faces, surest first.

    Args:
        score: (G, G, 1); logit that the centre of a face lies in or near the cell.
        offset: (G, G, 2); from the middle of the cell to that centre, x and y in cells.
        side: (G, G, 1); logarithm of the side of the box in cells.
        roll: (G, G, 2); cosine and sine of the roll, of any length; None where it is not said.
        stride: pixels of the input to a cell.
        min_score: 0 to 1, of the boxes to return.

    Raises:
        ValueError: the shapes do not fit together.
    """
    grid = score.values.shape[0]
    tensors = [score, offset, side, *([] if roll is None else [roll])]
    expected = [(grid, grid, channels) for channels in (1, 2, 1, 2)][: len(tensors)]
    if (received := [tensor.values.shape for tensor in tensors]) != expected:
        raise ValueError(f"expected maps of shapes {expected}, received {received}")
    flat = score.values.ravel()
    least = np.log(min_score / (1 - min_score)) / score.scale + score.zero_point
    cells = np.flatnonzero(flat >= least)
    cells = cells[np.argsort(-flat[cells].astype(np.float32), kind="stable")][:MOST_CELLS]
    scores = 1 / (1 + np.exp(-score.real(flat[cells])))
    middle = np.stack([cells % grid, cells // grid], axis=1) + 0.5
    centres = (middle + offset.real(offset.values.reshape(-1, 2)[cells])) * stride - 0.5
    halves = np.exp(side.real(side.values.ravel()[cells]))[:, None] * (stride / 2)
    if roll is None:
        directions = np.full((len(cells), 2), np.nan, np.float32)
    else:
        directions = roll.real(roll.values.reshape(-1, 2)[cells])
    rows = np.concatenate([centres - halves, centres + halves, directions], axis=1)
    rows, surest = merge_rows(rows.astype(np.float32), scores)
    rolls_deg = np.degrees(np.arctan2(rows[:, 5], rows[:, 4]))
    return FoundFaces(rows[:, :4], scores[surest], rolls_deg)


def merge_rows(rows: Floats, scores: Floats) -> tuple[Floats, Ints]:
    """Join what was said of the same face, see the module.

    Args:
        rows: float32 (n, 4 + m), x0, y0, x1, y1 of a box and m other numbers.
        scores: float32 (n,), falling.

    Returns:
        The mean row of each face, and int (faces,), which row was the surest of it.
    """
    columns, joined, surest = rows.shape[1], [], []
    left = np.arange(len(rows))
    while len(rows):
        iou, share = _overlaps(rows[0, :4], rows[:, :4])
        agreeing, same = iou > AGREEING_IOU, share > SAME_FACE_SHARE
        agreeing[0] = same[0] = True  # a box that is no number has no overlap, and must still go
        joined.append(scores[agreeing] @ rows[agreeing] / scores[agreeing].sum())
        surest.append(left[0])
        rows, scores, left = rows[~same], scores[~same], left[~same]
    return np.array(joined, np.float32).reshape(-1, columns), np.array(surest, int)


def _overlaps(box: Floats, others: Floats) -> tuple[Floats, Floats]:
    """Return what a box (4,) has in common with each of (n, 4): IoU, and share of the smaller."""
    sides = np.minimum(box[2:], others[:, 2:]) - np.maximum(box[:2], others[:, :2])
    shared = np.prod(np.maximum(sides, 0), axis=1)
    areas = np.prod(others[:, 2:] - others[:, :2], axis=1)
    area = np.prod(box[2:] - box[:2])
    return shared / (areas + area - shared), shared / np.minimum(areas, area)
