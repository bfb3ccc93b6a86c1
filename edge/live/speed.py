"""How fast the pipeline was during the last second."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from edge.stream import StageTimes

WINDOW_NS = 1_000_000_000


@dataclass(frozen=True)
class Speed:
    """Means over the frames of the last second.

    Attributes:
        fps: frames a second that the pipeline finished; 0 until there are two.
        times: of the stages, milliseconds a frame.
        latency_ms: from the sensor to the result; None for sources without a sensor.
    """

    fps: float
    times: StageTimes
    latency_ms: float | None


@dataclass(frozen=True)
class _Finished:
    at_ns: int
    times: StageTimes
    latency_ns: int | None


class SpeedMeter:
    """Remembers the frames of the last second."""

    def __init__(self) -> None:
        """Start without a frame."""
        self._frames: deque[_Finished] = deque()

    def add(self, at_ns: int, times: StageTimes, sensor_ns: int | None) -> None:
        """Count a frame.

        Args:
            at_ns: when its result was there, nanoseconds of the monotonic clock.
            times: of its stages.
            sensor_ns: when the sensor took it, on the same clock; None where there is no sensor.
        """
        latency_ns = None if sensor_ns is None else at_ns - sensor_ns
        self._frames.append(_Finished(at_ns, times, latency_ns))
        while self._frames[0].at_ns <= at_ns - WINDOW_NS and len(self._frames) > 2:
            self._frames.popleft()

    def read(self) -> Speed:
        """Return the means; there must have been a frame."""
        frames = self._frames
        span_ns = frames[-1].at_ns - frames[0].at_ns
        latencies = [frame.latency_ns for frame in frames if frame.latency_ns is not None]
        return Speed(
            fps=(len(frames) - 1) * 1e9 / span_ns if span_ns else 0.0,
            times=StageTimes(
                find_ms=sum(frame.times.find_ms for frame in frames) / len(frames),
                crop_ms=sum(frame.times.crop_ms for frame in frames) / len(frames),
                infer_ms=sum(frame.times.infer_ms for frame in frames) / len(frames),
                decode_ms=sum(frame.times.decode_ms for frame in frames) / len(frames),
            ),
            latency_ms=sum(latencies) / len(latencies) / 1e6 if latencies else None,
        )
