"""A clock that says where the time of a frame went."""

from __future__ import annotations

import time
from typing import Literal

from edge.stream import StageTimes

Stage = Literal["find", "crop", "infer", "decode"]


class StageClock:
    """Adds up laps: each one belongs to a stage, and none is left out."""

    def __init__(self) -> None:
        """Start the first lap."""
        self._ns: dict[Stage, int] = {"find": 0, "crop": 0, "infer": 0, "decode": 0}
        self._lap_start_ns = time.perf_counter_ns()

    def lap(self, stage: Stage) -> None:
        """Give the time since the last lap to a stage."""
        now_ns = time.perf_counter_ns()
        self._ns[stage] += now_ns - self._lap_start_ns
        self._lap_start_ns = now_ns

    def times(self) -> StageTimes:
        """Return the time of all laps so far."""
        return StageTimes(**{f"{stage}_ms": ns / 1e6 for stage, ns in self._ns.items()})
