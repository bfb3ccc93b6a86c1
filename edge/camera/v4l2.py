"""A USB camera through OpenCV's V4L2 backend."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import cv2
import numpy as np

from edge.camera import CameraRequest, Frame, FrameSource
from landmarks.errors import CameraError, CameraTimeout

FIRST_FRAME_S = 5.0


@contextmanager
def open_v4l2(device: str, request: CameraRequest) -> Iterator[FrameSource]:
    """Open a camera such as ``/dev/video0``; the driver's buffer is kept short, for fresh frames.

    Raises:
        CameraError: there is no such camera, or it is busy or denied.
    """
    if not Path(device).exists():
        raise CameraError(f"no camera {device}; found {describe_devices()}")
    capture = cv2.VideoCapture(device, cv2.CAP_V4L2)
    if not capture.isOpened():
        raise CameraError(
            f"{device} cannot be opened: no camera, busy in another program, or no permission "
            "(is the user in group video?)"
        )
    for name, value in (
        (cv2.CAP_PROP_FRAME_WIDTH, request.width),
        (cv2.CAP_PROP_FRAME_HEIGHT, request.height),
        (cv2.CAP_PROP_FPS, request.fps),
        (cv2.CAP_PROP_BUFFERSIZE, 1),
    ):
        capture.set(name, value)
    granted_fps = float(capture.get(cv2.CAP_PROP_FPS)) or request.fps
    try:
        yield FrameSource(_frames(capture, device), continuous=True, fps=granted_fps)
    finally:
        capture.release()


def _frames(capture: cv2.VideoCapture, device: str) -> Iterator[Frame]:
    start = time.monotonic()
    index = 0
    while True:
        good, bgr = capture.read()
        now = time.monotonic()
        if not good:
            if index == 0 and now - start < FIRST_FRAME_S:
                continue  # some cameras need a moment before their first frame
            raise CameraTimeout(f"{device} stopped giving frames after {index}")
        if index == 0:
            start = now
        image = np.asarray(cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB), np.uint8)
        yield Frame(index, device, now - start, image)
        index += 1


def v4l2_devices() -> tuple[str, ...]:
    """Return the paths of all ``/dev/video*`` devices."""
    return tuple(sorted(str(path) for path in Path("/dev").glob("video*")))


def describe_devices() -> str:
    """Say in words which video devices there are."""
    return ", ".join(v4l2_devices()) or "no /dev/video* at all"
