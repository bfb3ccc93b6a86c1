"""Which cameras there are, and what each is called as a ``--source``."""

from __future__ import annotations

import os
from pathlib import Path

from edge.camera.devices import ROOT, VideoDevice, video_devices
from edge.camera.picamera import picamera_names


def camera_lines(root: Path = ROOT) -> list[str]:
    """Return one line for each camera: its source, what it is, and its lasting name.

    Args:
        root: where ``dev`` and ``sys`` lie.
    """
    lines = [f"csi:{index}  {name}" for index, name in enumerate(picamera_names() or ())]
    links = _lasting_names(root)
    for device in video_devices(root):
        if device.is_usb and device.index == 0:
            lines.append("  ".join([_line(device), *links.get(device.path, [])]))
    return lines


def _line(device: VideoDevice) -> str:
    return f"{device.path}  {device.name or 'a camera without a name'}"


def _lasting_names(root: Path) -> dict[str, list[str]]:
    """Return the links that stay the same after a restart, for each device."""
    names: dict[str, list[str]] = {}
    for link in sorted((root / "dev/v4l/by-id").glob("*")):
        device = "/" + os.path.relpath(os.path.realpath(link), os.path.realpath(root))
        names.setdefault(device, []).append("/" + str(link.relative_to(root)))
    return names
