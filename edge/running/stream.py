"""What a run works through: frames of a camera or of files, and what happens between them."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass

from edge.camera import Frame
from edge.health import HealthMonitor
from edge.result import Event
from edge.running.thermal import ThermalGuard

TICK_S = 0.1  # nobody who reads a stream waits longer than this for an answer


@dataclass(frozen=True)
class Taken:
    """A frame, and how many before it nobody took."""

    frame: Frame
    dropped: int = 0


Item = Taken | Event | None  # None: nothing new, look at the clock


@dataclass(frozen=True)
class Stream:
    """An open source as a run sees it.

    Attributes:
        items: frames and events in their order; None where there is nothing for a moment.
        live: frames come when they come, and those that nobody takes are dropped. Frames of files
            wait.
        continuous: a frame shows what the one before showed a moment later.
        fps: frames a second; None for still pictures.
    """

    items: Iterator[Item]
    live: bool
    continuous: bool
    fps: float | None


def ticks(duration_s: float) -> Iterator[None]:
    """Let some time pass, giving None now and then."""
    deadline = time.monotonic() + duration_s
    while (left_s := deadline - time.monotonic()) > 0:
        yield None
        time.sleep(min(TICK_S, left_s))


def with_health(items: Iterator[Item], monitor: HealthMonitor, *, every_s: float) -> Iterator[Item]:
    """Add the board's health as an event now and then."""
    due = time.monotonic() + every_s
    for item in items:
        yield item
        if time.monotonic() >= due:
            due += every_s
            health = monitor.latest
            yield Event("health", time.monotonic_ns(), str(health), health)


def paced(items: Iterator[Item], monitor: HealthMonitor, guard: ThermalGuard) -> Iterator[Item]:
    """Let frames pass no faster than a guard allows, who sees each sample of the health."""
    seen = None
    for item in items:
        started = time.monotonic()
        if monitor.latest is not seen:
            seen = monitor.latest
            guard.look(seen)
        yield item
        if isinstance(item, Taken):
            yield from ticks(guard.least_interval_s - (time.monotonic() - started))
