"""The board's health as events between the frames."""

from __future__ import annotations

import time
from collections.abc import Iterator

from edge.health import HealthMonitor
from edge.stream import Event, Item


def with_health(items: Iterator[Item], monitor: HealthMonitor, *, every_s: float) -> Iterator[Item]:
    """Let items pass, and add the board's health as an event every ``every_s`` seconds."""
    due = time.monotonic() + every_s
    for item in items:
        yield item
        if time.monotonic() >= due:
            due += every_s
            health = monitor.latest
            yield Event("health", time.monotonic_ns(), str(health), health)
