"""What picamera2 0.3.38 needs to drive libcamera's virtual camera.

Four things are put in the place of a Raspberry Pi's own; everything else is the real picamera2:

- ``pykms``, the drawing to a screen, which Debian has no package of and nobody uses here.
- The list of raw modes: the virtual camera has none and refuses to be asked.
- The memory of frames: libcamera's own allocator, since picamera2's takes it from the Pi's heap.
- How a frame is mapped: by the length of its planes. The virtual camera states a third plane's
  used bytes for NV12, which has two.
"""

from __future__ import annotations

import mmap
import sys
from typing import Any
from unittest.mock import MagicMock

sys.modules["pykms"] = MagicMock()

import picamera2  # noqa: E402  (it looks for pykms)
from picamera2.allocators import Allocator, LibcameraAllocator  # noqa: E402


class MappedPlanes:
    """A frame's memory while it is looked at."""

    def __init__(self, allocator: Any, buffer: Any, write: bool) -> None:
        self._planes = buffer.planes

    def __enter__(self) -> mmap.mmap:
        length = sum(plane.length for plane in self._planes)
        self._memory = mmap.mmap(self._planes[0].fd, length)
        return self._memory

    def __exit__(self, *error: object) -> None:
        self._memory.close()


class PlanesAllocator(LibcameraAllocator):
    """libcamera's memory, mapped by planes."""

    def __init__(self, camera: Any) -> None:
        super().__init__(camera)
        self.sync = MappedPlanes


class VirtualPicamera2(picamera2.Picamera2):
    """picamera2 without the Pi's raw modes and memory."""

    def __init__(self, camera_num: int = 0) -> None:
        super().__init__(camera_num)
        self.allocator = PlanesAllocator(self.camera)

    def _get_raw_modes(self) -> list[dict[str, object]]:
        return [{"format": "SRGGB10", "size": (640, 480)}]  # it wants to choose among some


picamera2.picamera2.DmaAllocator = Allocator
picamera2.Picamera2 = VirtualPicamera2
