"""Which video devices the system shows, and why one of them cannot be had."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

ROOT = Path("/")


@dataclass(frozen=True)
class VideoDevice:
    """A V4L2 device; a Raspberry Pi has many that are no cameras: codecs, parts of the ISP.

    Attributes:
        path: such as ``/dev/video0``.
        name: what its driver calls it; empty where the system does not say.
        is_usb: it hangs on USB, so it is a camera that V4L2 alone can read.
        index: of the device among those of one piece of hardware; 0 gives the pictures.
    """

    path: str
    name: str
    is_usb: bool
    index: int

    def __str__(self) -> str:
        return f"{self.path} ({self.name})" if self.name else self.path


def video_devices(root: Path = ROOT) -> tuple[VideoDevice, ...]:
    """Return all ``/dev/video*``, USB cameras first.

    Args:
        root: where ``dev`` and ``sys`` lie.
    """
    found = [_device(root, path) for path in sorted((root / "dev").glob("video*"), key=_order)]
    return tuple(sorted(found, key=lambda device: (not device.is_usb, device.index)))


def describe_devices(root: Path = ROOT) -> str:
    """Say in words which cameras V4L2 shows."""
    devices = video_devices(root)
    cameras = [str(device) for device in devices if device.is_usb]
    others = len(devices) - len(cameras)
    parts = cameras + ([f"{others} of other kinds"] if others else [])
    return ", ".join(parts) or "no /dev/video* at all"


def holders(path: str, proc: Path = Path("/proc")) -> tuple[str, ...]:
    """Return who has a device open, such as ``motion (pid 812)``, as far as we may see.

    Args:
        path: of the device, or of a link to it.
        proc: where the processes are described.
    """
    found = []
    device = os.path.realpath(path)
    for handles in proc.glob("[0-9]*/fd"):
        process = handles.parent
        try:
            links = [os.readlink(handle) for handle in handles.iterdir()]
            name = (process / "comm").read_text().strip()
        except OSError:  # of another user, or gone meanwhile
            continue
        if device in links and process.name != str(os.getpid()):
            found.append(f"{name} (pid {process.name})")
    return tuple(found)


def hint(path: str) -> str:
    """Say why a device that is there cannot be used, and what to do."""
    if not os.access(path, os.R_OK | os.W_OK):
        return "no permission: sudo usermod -aG video $USER, then log in again"
    if busy := holders(path):
        return f"it is busy: in use by {', '.join(busy)}"
    return "it is no camera, or busy in a program of another user (sudo fuser -v " + path + ")"


def _device(root: Path, path: Path) -> VideoDevice:
    entry = root / "sys/class/video4linux" / path.name
    index = _read(entry / "index")
    return VideoDevice(
        path="/" + str(path.relative_to(root)),
        name=_read(entry / "name"),
        is_usb="/usb" in os.path.realpath(entry / "device"),
        index=int(index) if index.isdecimal() else 0,
    )


def _order(path: Path) -> tuple[int, str]:
    number = path.name.removeprefix("video")
    return (int(number) if number.isdecimal() else 1 << 16, path.name)


def _read(path: Path) -> str:
    try:
        return path.read_text(errors="replace").strip()
    except OSError:
        return ""
