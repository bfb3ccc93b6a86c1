"""The machine under a run: what it is, and one look at how it fares."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edge.board import describe_board
from edge.health import temperature_c

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
    clock = _read(root / "sys/devices/system/cpu/cpu0/cpufreq/scaling_cur_freq")
    try:
        load: float | None = os.getloadavg()[0]
    except OSError:
        load = None
    return Conditions(
        temperature_c=temperature_c(),
        clock_mhz=int(clock) / 1000 if clock and clock.isdecimal() else None,
        throttled=_throttled(root),
        load_1m=load,
    )


def describe() -> dict[str, Any]:
    """Return the board, its processor, system, versions and git revision."""
    known = set((_read(Path("/proc/cpuinfo")) or "").split())
    return {**describe_board(), "features": [name for name in FEATURES if name in known]}


def name_of(board: Mapping[str, Any]) -> str:
    """Return what a reader calls a described machine."""
    return str(board.get("board") or board.get("processor") or board.get("machine"))


def _throttled(root: Path) -> int | None:
    paths: Sequence[Path] = sorted(
        (root / "sys/devices/platform").glob("soc*/*firmware/get_throttled")
    )
    text = next(filter(None, map(_read, paths)), None)
    if text is None:
        try:
            done = subprocess.run(
                ["vcgencmd", "get_throttled"], capture_output=True, text=True, timeout=2
            )
        except (OSError, subprocess.TimeoutExpired):
            return None
        text = done.stdout.partition("=")[2]
    try:
        return int(text.strip(), 16)
    except ValueError:
        return None


def _read(path: Path) -> str | None:
    try:
        return path.read_text(errors="replace").strip("\0\n ")
    except OSError:
        return None
