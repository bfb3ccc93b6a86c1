"""The machine that figures come from: board, processor, versions."""

from __future__ import annotations

import os
import platform
from pathlib import Path
from typing import Any

from edge.health import read_system_file
from landmarks.provenance import git_revision, tool_versions

RUNTIMES = ("ai-edge-litert", "tflite-runtime", "onnxruntime", "numpy", "opencv-python-headless")


def describe_board() -> dict[str, Any]:
    """Return what is known of this machine; None where the system does not say."""
    return {
        "board": read_system_file(Path("/proc/device-tree/model")),
        "machine": platform.machine(),
        "processor": _processor(),
        "dot_product": _has_dot_product(),
        "cores": os.cpu_count(),
        "system": platform.platform(),
        "python": platform.python_version(),
        "governor": read_system_file(Path("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor")),
        "versions": tool_versions(RUNTIMES),
        "git_revision": git_revision(),
    }


def _processor() -> str | None:
    text = read_system_file(Path("/proc/cpuinfo")) or ""
    for line in text.splitlines():
        key, _, value = line.partition(":")
        if key.strip() in ("model name", "Model"):
            return value.strip()
    return platform.processor() or None


def _has_dot_product() -> bool | None:
    """Say whether an ARM core has SDOT, which makes INT8 fast; None on other machines."""
    if platform.machine() != "aarch64":
        return None
    return "asimddp" in (read_system_file(Path("/proc/cpuinfo")) or "")
