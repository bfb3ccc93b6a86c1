"""The machine under a run: what it is, and one look at how it fares."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edge.board import describe_board
from edge.health import read_health, read_system_file

# Instructions that decide how fast INT8 is: SDOT and SMMLA on ARM, VNNI on x86.
FEATURES = ("asimd", "asimddp", "i8mm", "avx2", "avx512f", "avx512_vnni", "avx_vnni")


@dataclass(frozen=True)
class Conditions:
    """One look at the machine; None where the system does not say.

    Attributes:
        temperature_c: of the processor.
        clock_mhz: of the first core.
        throttled: the firmware's bits; only a Raspberry Pi has them.
        load_1m: processes that ran or waited, mean of the last minute.
    """

    temperature_c: float | None
    clock_mhz: float | None
    throttled: int | None
    load_1m: float | None


def look(root: Path = Path("/")) -> Conditions:
    """Look at the machine; ``root`` is where ``sys`` lies."""
    health = read_health(root)
    try:
        load: float | None = os.getloadavg()[0]
    except OSError:
        load = None
    return Conditions(health.temperature_c, health.clock_mhz, health.throttled, load)


def describe() -> dict[str, Any]:
    """Return the board, its processor, system, versions and git revision."""
    known = set((read_system_file(Path("/proc/cpuinfo")) or "").split())
    return {**describe_board(), "features": [name for name in FEATURES if name in known]}


def name_of(board: Mapping[str, Any]) -> str:
    """Return what a reader calls a described machine."""
    return str(board.get("board") or board.get("processor") or board.get("machine"))
