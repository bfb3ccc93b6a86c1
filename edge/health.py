"""How the board fares: temperature, clock, governor, throttling; sampled away from the frames.

A value is None where the system does not say: on a PC, in a container, without permission.
"""

from __future__ import annotations

import subprocess
import threading
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

# Bits of the firmware's get_throttled; the same bits 16 higher say "has happened since boot".
THROTTLE_BITS = {0: "under-voltage", 1: "clock capped", 2: "throttled", 3: "soft temperature limit"}
SINCE_BOOT = 16
SAMPLE_EVERY_S = 5.0
VCGENCMD_S = 2.0


@dataclass(frozen=True)
class Health:
    """One look at the board.

    Attributes:
        temperature_c: of the processor, degrees Celsius.
        clock_mhz: of the first core, now.
        governor: of the first core, e.g. ``ondemand``.
        throttled: the firmware's bits (``THROTTLE_BITS``); a Raspberry Pi has them, a PC has not.
    """

    temperature_c: float | None = None
    clock_mhz: float | None = None
    governor: str | None = None
    throttled: int | None = None

    @property
    def held_back_by(self) -> tuple[str, ...]:
        """What slows the board down at this moment, in words."""
        return _words(self.throttled or 0)

    @property
    def held_back_since_boot_by(self) -> tuple[str, ...]:
        """What has slowed it down at some time since it was switched on, in words."""
        return _words((self.throttled or 0) >> SINCE_BOOT)

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON types, the bits in words too."""
        return {**asdict(self), "held_back_by": list(self.held_back_by)}

    def __str__(self) -> str:
        parts = [
            f"{self.temperature_c:.1f} C" if self.temperature_c is not None else "",
            f"{self.clock_mhz:.0f} MHz" if self.clock_mhz is not None else "",
            self.governor or "",
            *self.held_back_by,
        ]
        return ", ".join(filter(None, parts)) or "the system says nothing of its health"


def read_health(root: Path = Path("/")) -> Health:
    """Look at the board once; up to 2 s where ``vcgencmd`` has to be asked.

    Args:
        root: where ``sys`` lies.
    """
    cpu = root / "sys/devices/system/cpu/cpu0/cpufreq"
    kilohertz = _number(cpu / "scaling_cur_freq")
    return Health(
        temperature_c=temperature_c(root),
        clock_mhz=None if kilohertz is None else kilohertz / 1000,
        governor=read_system_file(cpu / "scaling_governor"),
        throttled=_throttled(root),
    )


def temperature_c(root: Path = Path("/")) -> float | None:
    """Return the processor's temperature in degrees Celsius, or None where unknown."""
    millidegrees = _number(root / "sys/class/thermal/thermal_zone0/temp")
    return None if millidegrees is None else millidegrees / 1000


class HealthMonitor:
    """A thread that looks now and then, so that the frames never wait for it.

    Attributes:
        latest: the newest sample, another object each time.
        hottest_c: the highest temperature so far; None where it is not known.
        throttled: all bits seen so far, joined; None where they are not known.
    """

    def __init__(self, root: Path = Path("/"), *, every_s: float = SAMPLE_EVERY_S) -> None:
        """Take the first sample and start; ``close`` ends the thread."""
        self._root, self._every_s = root, every_s
        self._ended = threading.Event()
        self.hottest_c: float | None = None
        self.throttled: int | None = None
        self.latest = self._sample()
        self._bits_before = self.latest.throttled or 0
        self._thread = threading.Thread(target=self._watch, name="health", daemon=True)
        self._thread.start()

    @property
    def held_back_by(self) -> tuple[str, ...]:
        """What slowed the board down since this monitor began, between two samples too, in words.

        The firmware keeps a bit for what has happened since it was switched on.
        """
        bits = self.throttled or 0
        return _words(bits | (bits & ~self._bits_before) >> SINCE_BOOT)

    def close(self) -> None:
        """End the thread."""
        self._ended.set()
        self._thread.join(timeout=VCGENCMD_S)

    def _watch(self) -> None:
        while not self._ended.wait(self._every_s):
            self.latest = self._sample()

    def _sample(self) -> Health:
        health = read_health(self._root)
        known = [c for c in (self.hottest_c, health.temperature_c) if c is not None]
        self.hottest_c = max(known, default=None)
        if health.throttled is not None:
            self.throttled = (self.throttled or 0) | health.throttled
        return health


def _words(bits: int) -> tuple[str, ...]:
    return tuple(word for bit, word in THROTTLE_BITS.items() if bits >> bit & 1)


def _throttled(root: Path) -> int | None:
    """Read the bits from sysfs, where the firmware's driver shows them, or ask ``vcgencmd``."""
    for path in (root / "sys/devices/platform").glob("soc*/*firmware/get_throttled"):
        if text := read_system_file(path):
            return _bits(text)
    try:
        done = subprocess.run(
            ["vcgencmd", "get_throttled"], capture_output=True, text=True, timeout=VCGENCMD_S
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return _bits(done.stdout.partition("=")[2]) if done.returncode == 0 else None


def _bits(text: str) -> int | None:
    try:
        return int(text.strip(), 16)
    except ValueError:
        return None


def _number(path: Path) -> float | None:
    try:
        return float(read_system_file(path) or "")
    except ValueError:
        return None


def read_system_file(path: Path) -> str | None:
    """Return the text of a file of ``/sys`` or ``/proc``; None where there is none for us."""
    try:
        return path.read_text(errors="replace").strip("\0\n ")
    except OSError:
        return None
