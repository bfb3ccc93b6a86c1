from __future__ import annotations

import numpy as np
import pytest

from edge.tracking.smooth import OneEuro

SIDE_PX = 100.0


def run(euro, signal, fps=30.0, side_px=SIDE_PX):
    """Filter points over time, (frames, n, 2)."""
    state = euro.start(signal[0], 0.0)
    out = [state.points_frame]
    for index, points in enumerate(signal[1:], 1):
        state = euro.step(state, points, time_s=index / fps, side_px=side_px)
        out.append(state.points_frame)
    return np.array(out)


def published(signal, *, fps, least_hz, beta, speed_hz):
    """The filter of one value as the paper's appendix gives it."""

    def alpha(cutoff_hz):
        tau = 1.0 / (2 * np.pi * cutoff_hz)
        return 1.0 / (1.0 + tau * fps)

    value, speed, out = signal[0], 0.0, [signal[0]]
    for x in signal[1:]:
        change = (x - value) * fps
        speed = alpha(speed_hz) * change + (1 - alpha(speed_hz)) * speed
        weight = alpha(least_hz + beta * abs(speed))
        value = weight * x + (1 - weight) * value
        out.append(value)
    return np.array(out)


def test_along_one_axis_it_is_the_published_filter(rng):
    walk = rng.normal(0, 3, 50).cumsum()
    signal = np.stack([walk, np.zeros(50)], axis=1)[:, None].astype(np.float32)
    euro = OneEuro(least_hz=1.5, beta=4.0, speed_hz=1.0)
    expected = published(walk / SIDE_PX, fps=30.0, least_hz=1.5, beta=4.0, speed_hz=1.0)
    np.testing.assert_allclose(run(euro, signal)[:, 0, 0], expected * SIDE_PX, atol=1e-2)


def test_trembling_at_rest_is_taken_out(rng):
    signal = rng.normal(50, 0.3, (90, 68, 2)).astype(np.float32)
    after = run(OneEuro(), signal)[20:]
    assert after.std(axis=0).mean() < 0.6 * signal[20:].std(axis=0).mean()
    assert after.mean() == pytest.approx(50, abs=0.1)


def test_a_fast_face_is_followed_closely():
    signal = np.arange(60, dtype=np.float32)[:, None, None] * np.full((68, 2), 8, np.float32)
    behind = (signal - run(OneEuro(), signal))[-1].max()
    assert 0 < behind < 8, "less than a frame behind"


def test_settings_mean_the_same_at_any_distance(rng):
    signal = rng.normal(0, 1, (40, 68, 2)).astype(np.float32).cumsum(axis=0)
    near = run(OneEuro(), 4 * signal, side_px=4 * SIDE_PX)
    np.testing.assert_allclose(near, 4 * run(OneEuro(), signal), rtol=1e-4, atol=1e-3)


def test_settings_mean_the_same_at_any_frame_rate():
    times_s = np.arange(121) / 120
    signal = (20 * np.sin(2 * np.pi * times_s))[:, None, None] * np.ones((1, 2), np.float32)
    signal = signal.astype(np.float32)
    every = run(OneEuro(), signal, fps=120)[::4]
    fourth = run(OneEuro(), signal[::4], fps=30)
    np.testing.assert_allclose(every, fourth, atol=2.0)


def test_a_frame_out_of_order_changes_nothing():
    euro = OneEuro()
    state = euro.step(
        euro.start(np.zeros((3, 2), np.float32), 1.0),
        np.ones((3, 2), np.float32),
        time_s=1.1,
        side_px=9.0,
    )
    later = np.full((3, 2), 7, np.float32)
    assert euro.step(state, later, time_s=1.1, side_px=9.0) is state
    assert euro.step(state, later, time_s=0.3, side_px=9.0) is state
