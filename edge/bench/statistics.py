"""What is said of samples: percentiles, and how far repeats lie apart. No sample is dropped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

SPREAD_LIMIT_PERCENT = 5.0  # of repeats; above it a figure is marked (MLPerf's repeatability)


@dataclass(frozen=True)
class Latency:
    """Milliseconds over all samples of one thing.

    Attributes:
        n: how many samples.
        mean_ms: of stages these add up, percentiles do not.
        p50_ms, p90_ms, p99_ms: percentiles, linear between neighbours.
        min_ms, max_ms: of all samples.
    """

    n: int
    mean_ms: float
    p50_ms: float
    p90_ms: float
    p99_ms: float
    min_ms: float
    max_ms: float

    @classmethod
    def of(cls, samples_ms: Sequence[float]) -> Latency:
        """Summarise samples in any order.

        Raises:
            ValueError: there is no sample, or one that is not finite.
        """
        samples = np.asarray(samples_ms, np.float64)
        if samples.ndim != 1 or samples.size == 0 or not np.isfinite(samples).all():
            raise ValueError(f"expected finite samples, received {samples.shape}: {samples_ms!r}")
        p50, p90, p99 = (float(value) for value in np.percentile(samples, [50, 90, 99]))
        return cls(
            n=samples.size,
            mean_ms=float(samples.mean()),
            p50_ms=p50,
            p90_ms=p90,
            p99_ms=p99,
            min_ms=float(samples.min()),
            max_ms=float(samples.max()),
        )


def spread_percent(medians_ms: Sequence[float]) -> float:
    """Return how far the medians of repeats lie apart: the range in percent of their median.

    Raises:
        ValueError: there is no repeat.
    """
    if not medians_ms:
        raise ValueError("expected the median of at least one repeat")
    middle = float(np.median(medians_ms))
    return 100.0 * (max(medians_ms) - min(medians_ms)) / middle if middle > 0 else 0.0
