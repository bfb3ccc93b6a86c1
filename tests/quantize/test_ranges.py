from __future__ import annotations

from typing import get_args

import numpy as np
import pytest

from quantize.config import Estimator
from quantize.ranges import Histogram, estimate

BINS = 2048


def histogram(values) -> Histogram:
    low, high = float(values.min()), float(values.max())
    return Histogram(np.histogram(values, BINS, (low, high))[0], low, high)


def rounding_error(values, low: float, high: float) -> float:
    """Mean squared error of values rounded to 256 steps of a range that holds zero."""
    low, high = min(low, 0.0), max(high, 0.0)
    scale = (high - low) / 255
    zero = np.round(-low / scale)
    return float(
        np.square((np.clip(np.round(values / scale) + zero, 0, 255) - zero) * scale - values).mean()
    )


@pytest.fixture
def bell(rng):
    return rng.normal(0, 1, 200_000)


@pytest.fixture
def with_outlier(bell):
    return np.append(bell, 12.0)


def test_minmax_is_what_was_seen(with_outlier):
    assert estimate(histogram(with_outlier), "minmax") == (with_outlier.min(), 12.0)


def test_percentile_cuts_a_single_outlier_and_little_else(with_outlier, bell):
    low, high = estimate(histogram(with_outlier), "percentile")
    expected_low, expected_high = np.percentile(bell, (0.005, 99.995))
    assert low == pytest.approx(expected_low, abs=0.05)
    assert high == pytest.approx(expected_high, abs=0.05)


def test_percentile_takes_half_of_its_share_from_each_side():
    counts = np.full(20_000, 1, np.int64)
    low, high = estimate(Histogram(counts, -1.0, 1.0), "percentile")
    assert (low, high) == pytest.approx((-0.9999, 0.9999), abs=1.5e-4)


def test_mse_is_narrower_than_minmax_and_rounds_better(with_outlier):
    low, high = estimate(histogram(with_outlier), "mse")
    # cutting costs (12 - h)^2 / n, rounding (h - l)^2 / (12 * 255^2): least at h = 8.8
    assert high == pytest.approx(8.8, abs=0.3)
    assert with_outlier.min() <= low < -3
    error = rounding_error(with_outlier, low, high)
    assert error < rounding_error(with_outlier, with_outlier.min(), 12.0)


def test_mse_keeps_the_range_of_even_values(rng):
    values = rng.uniform(-1, 1, 100_000)
    low, high = estimate(histogram(values), "mse")
    assert low < -0.98 and high > 0.98


def test_entropy_is_narrower_than_minmax_for_heavy_tails(rng):
    values = rng.standard_t(3, 200_000)
    low, high = estimate(histogram(values), "entropy")
    assert 0 < high < 0.6 * values.max()
    assert values.min() * 0.6 < low < 0


def test_entropy_keeps_the_range_of_even_values(rng):
    values = rng.uniform(-1, 1, 100_000)
    low, high = estimate(histogram(values), "entropy")
    assert low < -0.9 and high > 0.9


@pytest.mark.parametrize("estimator", get_args(Estimator))
def test_a_relus_output_starts_at_zero(bell, estimator):
    low, high = estimate(histogram(np.maximum(bell, 0.0)), estimator)
    assert low == 0.0
    assert 1.5 < high <= bell.max()


@pytest.mark.parametrize("estimator", get_args(Estimator))
@pytest.mark.parametrize("value", [-2.0, 0.0, 3.0])
def test_a_constant_has_a_range(estimator, value):
    assert estimate(histogram(np.full(100, value)), estimator) == (value, value)


@pytest.mark.parametrize("estimator", get_args(Estimator))
@pytest.mark.parametrize("sign", [-1, 1])
def test_values_far_from_zero_are_not_cut(rng, estimator, sign):
    values = sign * rng.uniform(5, 6, 50_000)
    low, high = estimate(histogram(values), estimator)
    error = rounding_error(values, low, high)
    assert error < 1.5 * rounding_error(values, values.min(), values.max())


def test_an_unknown_estimator_is_refused(bell):
    with pytest.raises(ValueError, match="'median'"):
        estimate(histogram(bell), "median")
