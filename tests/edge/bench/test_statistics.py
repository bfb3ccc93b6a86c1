"""Figures of planted samples: what opencv_zoo's benchmark got wrong must not happen here."""

from __future__ import annotations

import numpy as np
import pytest

from edge.bench.statistics import Latency, spread_percent


def test_percentiles_of_known_samples():
    latency = Latency.of([float(i) for i in range(1, 102)])
    assert (latency.n, latency.mean_ms) == (101, 51.0)
    assert (latency.p50_ms, latency.p90_ms, latency.p99_ms) == (51.0, 91.0, 100.0)
    assert (latency.min_ms, latency.max_ms) == (1.0, 101.0)


def test_the_median_is_that_of_the_sorted_samples():
    assert Latency.of([9.0, 1.0, 2.0]).p50_ms == 2.0
    assert Latency.of([4.0, 1.0, 3.0, 2.0]).p50_ms == 2.5


def test_the_order_of_samples_does_not_matter(rng):
    samples = rng.gamma(2.0, size=500)
    expected = Latency.of(samples)
    for _ in range(5):
        shuffled = Latency.of(rng.permutation(samples).tolist())
        assert shuffled.p50_ms == expected.p50_ms
        assert shuffled.mean_ms == pytest.approx(expected.mean_ms)


def test_no_sample_is_dropped_as_an_outlier():
    latency = Latency.of([1.0] * 99 + [1000.0])
    assert (latency.n, latency.max_ms) == (100, 1000.0)
    assert latency.mean_ms == pytest.approx(10.99)


@pytest.mark.parametrize("samples", [[], [1.0, np.nan], [np.inf]])
def test_samples_that_are_none_are_refused(samples):
    with pytest.raises(ValueError, match="finite"):
        Latency.of(samples)


def test_spread_is_the_range_of_the_repeats():
    assert spread_percent([2.0, 2.0, 2.0]) == 0.0
    assert spread_percent([1.9, 2.0, 2.1]) == pytest.approx(10.0)
    with pytest.raises(ValueError, match="repeat"):
        spread_percent([])
