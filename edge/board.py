"""The machine that figures come from: board, processor, temperature, throttling."""

from __future__ import annotations

import os
import platform
from pathlib import Path
from typing import Any

from landmarks.provenance import git_revision, tool_versions

RUNTIMES = ("ai-edge-litert", "tflite-runtime", "onnxruntime", "numpy", "opencv-python-headless")


def describe_board() -> dict[str, Any]:
    """Return what is known of this machine; None where the system does not say."""
    return {
        "board": _read("/proc/device-tree/model"),
        "machine": platform.machine(),
        "processor": _processor(),
        "dot_product": _has_dot_product(),
        "cores": os.cpu_count(),
        "system": platform.platform(),
        "python": platform.python_version(),
        "governor": _read("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor"),
        "versions": tool_versions(RUNTIMES),
        "git_revision": git_revision(),
    }


def temperature_c() -> float | None:
    """Return the processor's temperature in degrees Celsius, or None where unknown."""
    text = _read("/sys/class/thermal/thermal_zone0/temp")
    return int(text) / 1000 if text and text.lstrip("-").isdigit() else None


def _processor() -> str | None:
    text = _read("/proc/cpuinfo") or ""
    for line in text.splitlines():
        key, _, value = line.partition(":")
        if key.strip() in ("model name", "Model"):
            return value.strip()
    return platform.processor() or None


def _has_dot_product() -> bool | None:
    """Say whether an ARM core has SDOT, which makes INT8 fast; None on other machines."""
    if platform.machine() != "aarch64":
        return None
    return "asimddp" in (_read("/proc/cpuinfo") or "")


def _read(path: str) -> str | None:
    try:
        return Path(path).read_text(errors="replace").strip("\0\n ")
    except OSError:
        return None
