"""``--thermal-guard``: fewer frames while the board is hot or held back, more when it is not."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass

from edge.health import Health, HealthMonitor
from edge.stream import Item, Taken, ticks

COOLED_BY_C = 5.0  # how far below the limit it must fall before the rate goes up again
SLOWEST = 8  # the rate is never divided by more


@dataclass
class ThermalGuard:
    """Decides the rate from one sample of the board's health after the other.

    Attributes:
        limit_c: degrees Celsius from which on the rate goes down.
        full_fps: the rate when all is well.
        divisor: 1, 2, 4 or 8; the rate is divided by it.
    """

    limit_c: float
    full_fps: float
    divisor: int = 1

    def look(self, health: Health) -> None:
        """Take a new sample: hot or held back halves the rate, cool and free doubles it."""
        hot = health.temperature_c is not None and health.temperature_c >= self.limit_c
        cool = health.temperature_c is None or health.temperature_c <= self.limit_c - COOLED_BY_C
        if hot or health.held_back_by:
            self.divisor = min(2 * self.divisor, SLOWEST)
        elif cool:
            self.divisor = max(self.divisor // 2, 1)

    @property
    def least_interval_s(self) -> float:
        """How long a frame has to wait at least after the one before; 0 at the full rate."""
        return 0.0 if self.divisor == 1 else self.divisor / self.full_fps


def paced(items: Iterator[Item], monitor: HealthMonitor, guard: ThermalGuard) -> Iterator[Item]:
    """Let frames pass no faster than a guard allows, which sees each sample of the health."""
    seen = None
    for item in items:
        started = time.monotonic()
        if monitor.latest is not seen:
            seen = monitor.latest
            guard.look(seen)
        yield item
        if isinstance(item, Taken):
            yield from ticks(guard.least_interval_s - (time.monotonic() - started))
