"""The machine under a run: what it is, how it fared, and whether its figures can be trusted."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edge.bench.statistics import SPREAD_LIMIT_PERCENT
from edge.board import describe_board, temperature_c

# Bits of the firmware's get_throttled; the same bits 16 higher say "has happened since boot".
THROTTLE_BITS = {0: "under-voltage", 1: "clock capped", 2: "throttled", 3: "soft temperature limit"}
SINCE_BOOT = 16
BUSY_LOAD = 0.3  # waiting processes a core before the run, above which other work was going on
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


def why_invalid(before: Conditions, after: Conditions) -> tuple[str, ...]:
    """Return what makes the latencies of a run worthless: the board was held back meanwhile."""
    seen = (before.throttled or 0) | (after.throttled or 0)
    new = ((after.throttled or 0) & ~(before.throttled or 0)) >> SINCE_BOOT
    return tuple(
        f"{word} during the run" for bit, word in THROTTLE_BITS.items() if (seen | new) >> bit & 1
    )


def why_doubtful(before: Conditions, cores: int | None) -> tuple[str, ...]:
    """Return what a reader should know before believing the latencies."""
    doubts = [
        f"{word} since the board was switched on, before the run"
        for bit, word in THROTTLE_BITS.items()
        if (before.throttled or 0) >> SINCE_BOOT >> bit & 1
    ]
    if before.load_1m is not None and before.load_1m > BUSY_LOAD * (cores or 1):
        doubts.append(
            f"other work was going on: load {before.load_1m:.1f} on {cores} cores before the run"
        )
    return tuple(doubts)


def unsteady(spreads_percent: Mapping[str, float]) -> tuple[str, ...]:
    """Return a warning that names what has repeats too far apart; none if nothing has."""
    wide = {key: s for key, s in spreads_percent.items() if s > SPREAD_LIMIT_PERCENT}
    if not wide:
        return ()
    named = ", ".join(f"{key} ({spread:.0f} %)" for key, spread in wide.items())
    return (f"repeats differ by more than {SPREAD_LIMIT_PERCENT:g} %: {named}",)


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
