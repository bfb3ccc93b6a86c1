"""A USB camera through OpenCV's V4L2 backend."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import cv2

from edge.camera import CameraRequest, sensor_time_ns
from edge.camera.colour import ask_for_all_bits, rgb_of
from edge.camera.devices import describe_devices, hint
from edge.camera.opencv_log import quieten_decoders
from edge.stream import Frame, FrameSource
from landmarks.errors import CameraError, CameraTimeout

FIRST_FRAME_S = 3.0
PLAIN_PIXELS = 640 * 480


@contextmanager
def open_v4l2(device: str, request: CameraRequest) -> Iterator[FrameSource]:
    """Open a camera such as ``/dev/video0``; the driver's buffer is kept short, for fresh frames.

    Raises:
        CameraError: there is no such camera, or it is busy or denied.
    """
    if not Path(device).exists():
        raise CameraError(f"no camera {device}; found {describe_devices()}; check the cable")
    quieten_decoders()
    capture = cv2.VideoCapture(device, cv2.CAP_V4L2)
    if not capture.isOpened():
        raise CameraError(f"{device} cannot be opened: {hint(device)}")
    for name, value in (
        *_pixel_format(request),
        (cv2.CAP_PROP_FRAME_WIDTH, request.width),
        (cv2.CAP_PROP_FRAME_HEIGHT, request.height),
        (cv2.CAP_PROP_FPS, request.fps),
        (cv2.CAP_PROP_BUFFERSIZE, 1),
    ):
        capture.set(name, value)
    ask_for_all_bits(capture, capture.get(cv2.CAP_PROP_FOURCC))
    granted_fps = float(capture.get(cv2.CAP_PROP_FPS)) or request.fps
    try:
        yield FrameSource(_frames(capture, device), continuous=True, fps=granted_fps)
    finally:
        capture.release()


def _pixel_format(request: CameraRequest) -> tuple[tuple[int, float], ...]:
    """Ask for JPEG above VGA: for more than some 10 plain pictures a second USB 2 is too slow."""
    if request.width * request.height <= PLAIN_PIXELS:
        return ()
    return ((cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*"MJPG")),)


def _frames(capture: cv2.VideoCapture, device: str) -> Iterator[Frame]:
    opened = time.monotonic()
    index, first_ns = 0, None
    while True:
        good, raw = capture.read()
        if not good:
            if index == 0 and time.monotonic() - opened < FIRST_FRAME_S:
                time.sleep(0.01)  # some cameras need a moment before their first frame
                continue
            raise CameraTimeout(
                f"{device} stopped giving frames after {index}"
                if index
                else f"{device} gives no frame: {hint(device)}"
            )
        # the time stamp of the driver's buffer
        claimed_ns = int(capture.get(cv2.CAP_PROP_POS_MSEC) * 1e6)
        sensor_ns = sensor_time_ns(claimed_ns, time.monotonic_ns())
        first_ns = sensor_ns if first_ns is None else first_ns
        image = rgb_of(raw)
        yield Frame(index, device, (sensor_ns - first_ns) / 1e9, image, sensor_ns=sensor_ns)
        index += 1
