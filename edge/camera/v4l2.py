"""A USB camera through OpenCV's V4L2 backend."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

import cv2
import numpy as np

from edge.camera import Frame
from landmarks.errors import CameraError, CameraTimeout

FIRST_FRAME_S = 5.0


class V4l2Source:
    """Frames of ``/dev/videoN``; the driver's own buffer is kept short, so frames are fresh."""

    continuous = True
    fps: float | None

    def __init__(self, index: int, *, width: int, height: int, fps: float) -> None:
        """Open the camera.

        Raises:
            CameraError: there is no such camera, or it is busy or denied.
        """
        device = Path(f"/dev/video{index}")
        if not device.exists():
            raise CameraError(f"no camera {device}; found {describe_devices()}")
        self._name = device.name
        self._capture = cv2.VideoCapture(index, cv2.CAP_V4L2)
        if not self._capture.isOpened():
            raise CameraError(
                f"{device} cannot be opened: busy in another program, or no permission "
                "(is the user in group video?)"
            )
        for name, value in (
            (cv2.CAP_PROP_FRAME_WIDTH, width),
            (cv2.CAP_PROP_FRAME_HEIGHT, height),
            (cv2.CAP_PROP_FPS, fps),
            (cv2.CAP_PROP_BUFFERSIZE, 1),
        ):
            self._capture.set(name, value)
        granted = float(self._capture.get(cv2.CAP_PROP_FPS))
        self.fps = granted if granted > 0 else fps

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._capture.release()

    def __iter__(self) -> Iterator[Frame]:
        start = time.monotonic()
        index = 0
        while True:
            good, bgr = self._capture.read()
            now = time.monotonic()
            if not good:
                if index == 0 and now - start < FIRST_FRAME_S:
                    continue  # some cameras need a moment before their first frame
                raise CameraTimeout(f"{self._name} stopped giving frames after {index}")
            if index == 0:
                start = now
            image = np.asarray(cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB), np.uint8)
            yield Frame(index, self._name, now - start, image)
            index += 1


def v4l2_devices() -> tuple[str, ...]:
    """Return the names of all ``/dev/video*`` devices."""
    return tuple(sorted(str(path) for path in Path("/dev").glob("video*")))


def describe_devices() -> str:
    """Say in words which video devices there are."""
    return ", ".join(v4l2_devices()) or "no /dev/video* at all"
