"""What happened in a run so far, in constant memory, and how it is said at the end."""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from edge.health import Health, HealthMonitor
from edge.sinks import Lossy, Sink
from edge.stream import Event, FrameResult
from edge.tracking.counts import TrackCounts
from landmarks.card import ModelCard

REMEMBERED = 2000  # latest frames that the times are taken over


def _recent() -> deque[float]:
    return deque(maxlen=REMEMBERED)


@dataclass
class Tally:
    """Counts over the whole run, times over its latest frames."""

    frames: int = 0
    faces: int = 0
    empty: int = 0
    unreadable: int = 0
    dropped: int = 0
    events: Counter[str] = field(default_factory=Counter)
    started_s: float = field(default_factory=time.monotonic)  # of the monotonic clock
    find_ms: deque[float] = field(default_factory=_recent)
    locate_ms: deque[float] = field(default_factory=_recent)
    age_ms: deque[float] = field(default_factory=_recent)

    @property
    def seen(self) -> int:
        """Frames that were taken, readable or not."""
        return self.frames + self.unreadable

    @property
    def elapsed_s(self) -> float:
        """Seconds since the start."""
        return time.monotonic() - self.started_s

    def start(self) -> None:
        """Begin to count the time."""
        self.started_s = time.monotonic()

    def add(self, result: FrameResult) -> None:
        """Count one frame."""
        self.dropped += result.dropped
        if result.frame.image is None:
            self.unreadable += 1
            return
        self.frames += 1
        self.faces += len(result.faces)
        self.empty += not result.faces
        times = result.times
        self.locate_ms.append(times.total_ms - times.find_ms)
        if times.find_ms > 0:
            self.find_ms.append(times.find_ms)
        if result.frame.sensor_ns is not None:
            self.age_ms.append((time.monotonic_ns() - result.frame.sensor_ns) / 1e6)

    def add_event(self, event: Event) -> None:
        """Count one event."""
        self.events[event.kind] += 1


def summary(
    tally: Tally,
    card: ModelCard,
    tracks: TrackCounts,
    sinks: Sequence[Sink],
    monitor: HealthMonitor | None,
) -> list[str]:
    """Return the lines that a run ends with; none if it saw no frame."""
    if not tally.seen:
        return []
    parts = [
        f"{tally.frames} frames",
        f"{tally.faces} faces",
        f"{tally.empty} frames without a face",
        f"{tally.unreadable} unreadable",
    ]
    lines = [f"{card.name} {card.precision}: {', '.join(parts)}"]
    if tally.frames:
        speed = [f"landmarks p50 {np.median(tally.locate_ms):.2f} ms a frame"]
        if tally.find_ms:
            speed.append(f"finder p50 {np.median(tally.find_ms):.2f} ms x {len(tally.find_ms)}")
        if tally.age_ms:
            p50, p99 = np.percentile(tally.age_ms, [50, 99])
            speed.append(f"sensor to result p50 {p50:.1f}, p99 {p99:.1f} ms")
        speed.append(f"{tally.frames / tally.elapsed_s:.1f} frames/s all in all")
        lines.append(", ".join(speed))
    if tracks.lost or tracks.merged:
        lines.append(
            f"tracks: {tracks.begun} begun, {tracks.lost} lost ({tracks.blown_up} of them by "
            f"points that no face has), {tracks.merged} merged"
        )
    if tracks.left_out:
        lines.append(
            f"the last search saw at least {tracks.left_out} more: --faces N reports up to N"
        )
    dropped = {"camera": tally.dropped}
    dropped |= {sink.name: sink.dropped for sink in sinks if isinstance(sink, Lossy)}
    if any(dropped.values()):
        lines.append("dropped: " + ", ".join(f"{k} {n}" for k, n in dropped.items() if n))
    if times := tally.events["camera_lost"]:
        lines.append(f"camera lost {times} times, back {tally.events['camera_back']} times")
    if monitor is not None and monitor.latest != Health():
        lines.append(_of_the_board(monitor))
    return lines


def _of_the_board(monitor: HealthMonitor) -> str:
    parts = [f"board: {monitor.latest}"]
    if monitor.hottest_c is not None:
        parts.append(f"{monitor.hottest_c:.1f} C at its hottest")
    if monitor.held_back_by:
        parts.append(f"held back during the run: {', '.join(monitor.held_back_by)}")
    return "; ".join(parts)
