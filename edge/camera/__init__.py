"""Where frames come from: pictures, films, pipes, and cameras of V4L2, the Pi or the network.

Opening one is a context manager that gives an ``edge.stream.FrameSource`` and releases the hardware
at the end. Colour is converted to RGB here and nowhere else. A live camera is read in a thread of
its own (``edge.camera.capture``) and watched over (``edge.camera.watch``).
"""

from __future__ import annotations

from dataclasses import dataclass

OLDEST_NS = 10_000_000_000  # an older time stamp is of another clock


@dataclass(frozen=True)
class CameraRequest:
    """What to ask a camera for; what it grants is read back, never assumed."""

    width: int = 640
    height: int = 480
    fps: float = 30


def sensor_time_ns(claimed_ns: int, now_ns: int) -> int:
    """Return when a frame was taken, by the monotonic clock.

    Nearly all drivers stamp their buffers with that clock. A stamp in the future, or further back
    than ``OLDEST_NS``, is of another clock and gives way to the time of arrival.

    Args:
        claimed_ns: what the driver says.
        now_ns: the monotonic clock, read when the frame came.
    """
    return claimed_ns if 0 <= now_ns - claimed_ns <= OLDEST_NS else now_ns
