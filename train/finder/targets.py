"""What a finder should say of a scene: a hill of score at each face, and the box below it.

The hill is a Gaussian of the distance to the face's centre, 1 in the nearest cell (CenterNet,
Zhou et al. 2019); every cell on it is taught the box, by its height (TTFNet, Liu et al. 2020).
"""

from __future__ import annotations

import numpy as np

from landmarks.types import Floats
from train.finder.scenes import Scene

# Score, its weight, offset x and y, logarithm of the side, weight of the box; cosine and sine of
# the roll, and its weight.
CHANNELS = 9
SPREAD = 0.08  # deviation of a hill, a share of the face's side
MIN_SPREAD_CELLS = 0.7
BOX_HEIGHT = 0.3  # cells below it are not taught the box


def encode_scene(scene: Scene, stride: int) -> Floats:
    """Return the targets of a scene, float32 (G, G, CHANNELS), G its side divided by ``stride``.

    Weights of the score are 0 in ignored places and 1 elsewhere; those of the box sum to 1 over the
    cells of each face, and so do those of the roll where it is known.
    """
    grid = scene.image.shape[0] // stride
    middle = np.arange(grid) + 0.5
    targets = np.zeros((grid, grid, CHANNELS), np.float32)
    targets[..., 1] = 1.0
    for x, y, side in (scene.ignored + [0.5, 0.5, 0]) / stride:
        inside = (np.abs(middle - y)[:, None] <= side / 2) & (np.abs(middle - x) <= side / 2)
        targets[inside, 1] = 0.0
    faces = (scene.faces + [0.5, 0.5, 0]) / stride  # in cells, from the edge of the first
    owner = np.full((grid, grid), -1)
    for i, (x, y, side) in enumerate(faces):
        spread = max(MIN_SPREAD_CELLS, SPREAD * side)
        distance = (middle - y)[:, None] ** 2 + (middle - x) ** 2
        hill = np.exp((distance.min() - distance) / (2 * spread**2))
        higher = hill > targets[..., 0]
        targets[higher, 0] = hill[higher]
        owner[higher & (hill > BOX_HEIGHT)] = i
    for i, (x, y, side) in enumerate(faces):
        rows, columns = np.nonzero(owner == i)
        if len(rows) == 0:  # another face's hill covers it all
            continue
        heights = targets[rows, columns, 0]
        targets[rows, columns, 1] = 1.0
        targets[rows, columns, 2] = x - middle[columns]
        targets[rows, columns, 3] = y - middle[rows]
        targets[rows, columns, 4] = np.log(side)
        targets[rows, columns, 5] = heights / heights.sum()
        if np.isfinite(scene.rolls_deg[i]):
            roll = np.radians(scene.rolls_deg[i])
            targets[rows, columns, 6:8] = np.cos(roll), np.sin(roll)
            targets[rows, columns, 8] = targets[rows, columns, 5]
    return targets
