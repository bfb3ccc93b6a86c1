"""From what a tensor was seen to hold to the range that INT8 spreads its 256 steps over.

A wide range loses resolution, a narrow one cuts values off; the estimators weigh these.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import get_args

import numpy as np
import numpy.typing as npt

from quantize.config import Estimator
from quantize.networks.fake_quant import Range

PERCENTILE = 99.99
LEVELS = 256
SHARES = np.linspace(1.0, 0.2, 81)  # of the seen range, for the estimators that search


@dataclass(frozen=True)
class Histogram:
    """Values of one tensor over a calibration set.

    Attributes:
        counts: int64 (bins,).
        low, high: the smallest and the largest value; the bins divide what lies between evenly.
    """

    counts: npt.NDArray[np.int64]
    low: float
    high: float

    @property
    def centres(self) -> npt.NDArray[np.float64]:
        """Middle of each bin, float64 (bins,)."""
        bins = len(self.counts)
        return self.low + (np.arange(bins) + 0.5) * (self.high - self.low) / bins


def estimate(histogram: Histogram, estimator: Estimator) -> Range:
    """Return the range of a tensor.

    * ``minmax``: all that was seen.
    * ``percentile``: without the outermost 0.01 % of the values, half of them on each side.
    * ``mse``: the least squared error of the rounded values; each end is searched on its own.
    * ``entropy``: the least relative entropy between the values and the rounded ones, as TensorRT
      does it (Migacz, 8-bit inference with TensorRT, GTC 2017).
    """
    if estimator not in get_args(Estimator):
        raise ValueError(f"estimator must be one of {get_args(Estimator)}, received {estimator!r}")
    if estimator == "minmax" or histogram.high <= histogram.low:
        return histogram.low, histogram.high
    if estimator == "percentile":
        return _percentile(histogram)
    return _mse(histogram) if estimator == "mse" else _entropy(histogram)


def _percentile(histogram: Histogram) -> Range:
    below = np.cumsum(histogram.counts) / histogram.counts.sum()
    tail = (1 - PERCENTILE / 100) / 2
    first = int(np.searchsorted(below, tail, side="right"))
    last = int(np.searchsorted(below, 1 - tail, side="left"))
    width = (histogram.high - histogram.low) / len(histogram.counts)
    return histogram.low + first * width, histogram.low + (last + 1) * width


def _mse(histogram: Histogram) -> Range:
    """Search one end after the other, from the whole range inwards, twice."""
    centres, weights = histogram.centres, histogram.counts / histogram.counts.sum()

    def error(low: float, high: float) -> float:
        low, high = min(low, 0.0), max(high, 0.0)
        scale = (high - low) / (LEVELS - 1)
        rounded = np.clip(np.round((centres - low) / scale) * scale + low, low, high)
        return float(weights @ np.square(centres - rounded))

    low, high = histogram.low, histogram.high
    for _ in range(2):
        high = min((histogram.high * share for share in SHARES), key=lambda end: error(low, end))
        low = min((histogram.low * share for share in SHARES), key=lambda end: error(end, high))
    return float(low), float(high)


def _entropy(histogram: Histogram) -> Range:
    """Search a share of the whole range, both ends alike."""
    centres, counts = histogram.centres, histogram.counts.astype(float)
    zero = int(np.abs(centres).argmin())
    # a ReLU's zeros would outvote all else: their bin counts like its neighbour
    counts[zero] = np.delete(counts, zero)[max(zero - 1, 0)]

    def divergence(share: float) -> float:
        low, high = share * min(histogram.low, 0.0), share * max(histogram.high, 0.0)
        inside = (centres >= low) & (centres <= high)
        if not inside.any():  # all values lie far from zero
            return np.inf
        seen = counts[inside].copy()
        # what is cut off lands on the ends: rounding cannot bring it back
        seen[0] += counts[centres < low].sum()
        seen[-1] += counts[centres > high].sum()
        level = ((centres[inside] - low) / (high - low) * (LEVELS - 1)).round().astype(int)
        # each level spreads what it got over the bins that it stands for and that held something
        filled = counts[inside] > 0
        per_level = np.bincount(level, counts[inside], LEVELS)
        bins_per_level = np.maximum(np.bincount(level, filled, LEVELS), 1)
        spread = np.where(filled, (per_level / bins_per_level)[level], 0.0)
        p, q = seen / seen.sum(), spread / max(spread.sum(), 1.0)
        known = (p > 0) & (q > 0)
        missed = p[(p > 0) & (q == 0)].sum()
        return float(np.sum(p[known] * np.log(p[known] / q[known])) + missed)

    share = float(min(SHARES, key=divergence))
    return share * histogram.low, share * histogram.high
