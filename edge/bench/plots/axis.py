"""A scale from values to pixels, linear or logarithmic, with round ticks."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

LOG_FROM = 5.0  # ratio of the largest to the smallest value above which an axis is logarithmic
MARGIN = 0.1  # of free room beyond the outermost values


@dataclass(frozen=True)
class Axis:
    """One axis of a plot.

    Attributes:
        low, high: values at its ends.
        start_px, end_px: where they lie; start above end for an axis that goes up.
        log: logarithmic.
    """

    low: float
    high: float
    start_px: float
    end_px: float
    log: bool = False

    def px(self, value: float) -> float:
        """Return where a value lies."""
        low, high, at = (
            (math.log(self.low), math.log(self.high), math.log(value))
            if self.log
            else (self.low, self.high, value)
        )
        return self.start_px + (at - low) / (high - low) * (self.end_px - self.start_px)

    def ticks(self) -> list[float]:
        """Return round values within the ends."""
        steps = _log_steps(self.low, self.high) if self.log else _steps(self.low, self.high)
        return [value for value in steps if self.low <= value <= self.high]


def axis_for(values: Sequence[float], start_px: float, end_px: float) -> Axis:
    """Return an axis that shows values above 0 with some room round them."""
    low, high = min(values), max(values)
    if high / low > LOG_FROM:
        room = (high / low) ** MARGIN
        return Axis(low / room, high * room, start_px, end_px, log=True)
    room = MARGIN * (high - low) or 0.2 * high
    return Axis(max(0.0, low - room), high + room, start_px, end_px)


def _steps(low: float, high: float) -> list[float]:
    """Return multiples of 1, 2 or 5 times a power of ten: about six of them."""
    rough = (high - low) / 6
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= rough)
    first = math.ceil(low / step)
    return [round(step * (first + i), 10) for i in range(int((high - low) / step) + 2)]


def _log_steps(low: float, high: float) -> list[float]:
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    factors = (1, 2, 5) if high / low > 8 else (1, 1.5, 2, 3, 4, 5, 7)
    return [round(factor * 10.0**power, 10) for power in powers for factor in factors]
