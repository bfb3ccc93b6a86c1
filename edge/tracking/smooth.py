"""The One-Euro filter: landmarks that neither jitter at rest nor drag behind in motion.

Casiez, Roussel and Vogel, "1 Euro filter: a simple speed-based low-pass filter for noisy input in
interactive systems", CHI 2012. A low-pass filter whose cutoff grows with speed: ``cutoff = least +
beta * speed``. Speeds are in face sides a second, so that the same settings fit any distance; each
point has one speed and one cutoff for x and y, so that the direction of motion does not matter.

Example:
    >>> import numpy as np
    >>> euro = OneEuro()
    >>> state = euro.start(np.zeros((68, 2), np.float32), time_s=0.0)
    >>> state = euro.step(state, np.ones((68, 2), np.float32), time_s=0.04, side_px=100.0)
    >>> state.points_frame.shape
    (68, 2)
"""

from __future__ import annotations

from dataclasses import dataclass
from math import pi

import numpy as np

from landmarks.types import Floats


@dataclass(frozen=True)
class Smoothed:
    """What the filter remembers of a face.

    Attributes:
        points_frame: float32 (n, 2), smoothed, pixels of the frame.
        velocity: float32 (n, 2), smoothed, pixels a second.
        time_s: of the frame.
    """

    points_frame: Floats
    velocity: Floats
    time_s: float


@dataclass(frozen=True)
class OneEuro:
    """Settings of the filter; the defaults were chosen on virtual clips over training frames (E13).

    Attributes:
        least_hz: cutoff at rest; lower is steadier.
        beta: rise of the cutoff, Hz for each face side a second; higher lags less.
        speed_hz: cutoff of the speeds themselves.
    """

    least_hz: float = 0.5
    beta: float = 100.0
    speed_hz: float = 1.0

    def start(self, points_frame: Floats, time_s: float) -> Smoothed:
        """Begin a new face with points (n, 2) as they are."""
        return Smoothed(points_frame, np.zeros_like(points_frame), time_s)

    def step(
        self, state: Smoothed, points_frame: Floats, *, time_s: float, side_px: float
    ) -> Smoothed:
        """Take in the next frame of a face.

        Args:
            state: of the frame before.
            points_frame: float32 (n, 2), as the network says.
            time_s: of this frame, by the sensor.
            side_px: side of the face box.

        Returns:
            The state of this frame; a frame that is no later than the one before changes nothing.
        """
        passed_s = time_s - state.time_s
        if passed_s <= 0:
            return state
        velocity = state.velocity + _weight(passed_s, self.speed_hz) * (
            (points_frame - state.points_frame) / passed_s - state.velocity
        )
        speed = np.hypot(velocity[:, :1], velocity[:, 1:]) / side_px
        weight = _weight(passed_s, self.least_hz + self.beta * speed)
        points = state.points_frame + weight * (points_frame - state.points_frame)
        return Smoothed(points.astype(np.float32), velocity.astype(np.float32), time_s)


def _weight(passed_s: float, cutoff_hz: float | Floats) -> Floats:
    """Return what share of a step of the signal a first-order low-pass filter follows."""
    turns = 2 * pi * passed_s * np.asarray(cutoff_hz)
    return np.asarray(turns / (turns + 1), np.float32)
