"""What a source is: decided once, by what it is and not by how its name is written.

A name leads to a camera of the Pi, to a device, to a file or to another machine; of a file the
content says what it is (``landmarks.content``). What is not there but would be a device, such as
``/dev/v4l/by-id/...`` of a camera that is unplugged, is a camera.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Literal

from edge.recording import is_recording
from landmarks.content import content_of
from landmarks.errors import PictureError

Kind = Literal["csi", "v4l2", "network", "pipe", "recording", "folder", "film", "picture"]
STDIN = "-"
# A slash may be missing: the message about it must not show the password that may follow.
ADDRESS = re.compile(r"[a-z][a-z0-9+.-]*://|(rtsps?|https?):", re.IGNORECASE)
_CSI = re.compile(r"csi(?::(\d+))?")
_VIDEO_NODE = re.compile(r"/dev/video\d+")
V4L2_MAJOR = 81  # of all video devices of Linux


def kind_of(source: str) -> Kind:
    """Say what a source is.

    Args:
        source: a path or an address; the number of a V4L2 camera; ``csi`` (``csi:1``) for a camera
            of the Raspberry Pi; ``-`` for standard input.

    Raises:
        PictureError: there is no such path, or it is nothing that frames come from.
    """
    if source == STDIN:
        return "pipe"
    if _CSI.fullmatch(source):
        return "csi"
    if ADDRESS.match(source):
        return "network"
    content = content_of(source)
    if content.kind == "missing":
        if source.isdecimal() or _leads_to(source).startswith("/dev/"):
            return "v4l2"
        raise PictureError(f"{source}: no such picture, folder or film")
    if _VIDEO_NODE.fullmatch(_leads_to(source)):
        return "v4l2"
    if content.kind == "device":
        if os.major(os.stat(source).st_rdev) != V4L2_MAJOR:
            raise PictureError(f"{source}: is a device, but no camera")
        return "v4l2"
    if content.kind == "folder":
        return "recording" if is_recording(Path(source)) else "folder"
    if content.kind == "unknown":
        raise PictureError(f"{source}: neither a picture nor a film that is known here")
    return content.kind


def csi_index(source: str) -> int:
    """Return the number of a camera of the Raspberry Pi, by its name ``csi`` or ``csi:N``."""
    named = _CSI.fullmatch(source)
    assert named is not None
    return int(named[1] or 0)


def device_path(source: str) -> str:
    """Return the path of a V4L2 camera, which may be given by its number; links stay links."""
    return f"/dev/video{source}" if source.isdecimal() else source


def _leads_to(path: str) -> str:
    """Return where links lead to; of a loop of links, wherever that is."""
    return os.path.realpath(path)
