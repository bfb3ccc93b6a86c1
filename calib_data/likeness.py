"""Check that sampled faces are nobody: none lies close to a single training face.

Faces are compared by their detail coefficients, the part of the model that makes a face
recognisable. Distances are taken in whitened space (every component counts alike) and the yardstick
is how near training faces lie to each other.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

Float32 = NDArray[np.float32]


@dataclass(frozen=True)
class Likeness:
    """Nearest-neighbour distances, whitened detail coefficients.

    Attributes:
        sampled_min: smallest distance of a sampled face to any training face or its mirror image.
        sampled_median: median of the same.
        training_p01: 1 % quantile of the distance of a training face to the nearest other one.
        training_p10: 10 % quantile of the same.
        training_median: median of the same.
        n_sampled: how many faces were sampled.
    """

    sampled_min: float
    sampled_median: float
    training_p01: float
    training_p10: float
    training_median: float
    n_sampled: int

    def as_dict(self) -> dict[str, float]:
        """Return the figures rounded for printing."""
        return {name: round(value, 3) for name, value in asdict(self).items()}


def measure_likeness(sampled: Float32, training: Float32) -> Likeness:
    """Compare sampled faces with training faces.

    Args:
        sampled: float32 (m, d), detail coefficients of sampled faces.
        training: float32 (2 n, d), of training faces; rows 2 i and 2 i + 1 are one face and its
            mirror image and do not count as each other's neighbours.
    """
    person = np.arange(len(training)) // 2
    # One image of each pair suffices: the mirrored rows hold the mirrored distances.
    among = nearest_distances(training[::2], training, person[::2, None] == person[None])
    to_training = nearest_distances(sampled, training)
    quantiles = np.quantile(among, [0.01, 0.10, 0.50])
    hundredth, tenth, half = (float(value) for value in quantiles)
    return Likeness(
        float(to_training.min()),
        float(np.median(to_training)),
        hundredth,
        tenth,
        half,
        n_sampled=len(sampled),
    )


def nearest_distances(
    points: Float32, others: Float32, excluded: NDArray[np.bool_] | None = None
) -> Float32:
    """Return the distance from each row of `points` (m, d) to its nearest row of `others` (n, d).

    Args:
        points: float32 (m, d).
        others: float32 (n, d).
        excluded: bool (m, n), pairs that do not count.
    """
    squares = (points**2).sum(1)[:, None] + (others**2).sum(1)[None] - 2 * points @ others.T
    if excluded is not None:
        squares[excluded] = np.inf
    return np.asarray(np.sqrt(np.maximum(squares.min(1), 0)), np.float32)
