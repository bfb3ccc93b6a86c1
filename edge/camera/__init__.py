"""Where frames come from: a picture, a folder, a video, a V4L2 or a Raspberry Pi camera.

Opening one is a context manager that gives a ``FrameSource`` and releases the hardware at the end.
Colour is converted to RGB here and nowhere else.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from landmarks.types import Image

OLDEST_NS = 10_000_000_000  # an older time stamp is of another clock


@dataclass(frozen=True)
class Frame:
    """One picture of a source.

    Attributes:
        index: counts from 0.
        name: file name, or the camera's.
        time_s: seconds since the first frame, by the video or the sensor; None for still pictures.
        image: RGB uint8, nobody writes to it after this; None if this picture could not be read,
            then ``problem`` says why.
        problem: one line.
        sensor_ns: when the sensor took it, nanoseconds of the monotonic clock; None for files.
        small: the same picture, scaled down by the camera; None where it gives none.
    """

    index: int
    name: str
    time_s: float | None
    image: Image | None
    problem: str = ""
    sensor_ns: int | None = None
    small: Image | None = None


@dataclass(frozen=True)
class FrameSource:
    """An open source.

    Attributes:
        frames: to be read once, in order.
        continuous: whether a frame shows what the one before showed a moment later, so that faces
            can be followed.
        fps: frames a second, for writing a video; None for still pictures.
    """

    frames: Iterator[Frame]
    continuous: bool
    fps: float | None


@dataclass(frozen=True)
class CameraRequest:
    """What to ask a camera for; what it grants is read back, never assumed."""

    width: int
    height: int
    fps: float


def sensor_time_ns(claimed_ns: int, now_ns: int) -> int:
    """Return when a frame was taken, by the monotonic clock.

    Nearly all drivers stamp their buffers with that clock. A stamp in the future, or further back
    than ``OLDEST_NS``, is of another clock and gives way to the time of arrival.

    Args:
        claimed_ns: what the driver says.
        now_ns: the monotonic clock, read when the frame came.
    """
    return claimed_ns if 0 <= now_ns - claimed_ns <= OLDEST_NS else now_ns
