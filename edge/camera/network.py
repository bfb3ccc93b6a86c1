"""A camera of the network: RTSP or HTTP, through the FFmpeg inside OpenCV.

Its frames carry the time at which they came: the clocks of such cameras are their own.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import cv2

from edge.camera.colour import rgb_of
from edge.camera.kind import ADDRESS
from edge.camera.opencv_log import quieten_decoders
from edge.camera.watch import Patience
from edge.stream import Frame, FrameSource
from landmarks.errors import CameraError, CameraTimeout, PictureError, UsageError

SCHEMES = ("rtsp", "rtsps", "http", "https")
OPEN_MS, READ_MS = 10_000, 3_000
# A stream begins with its next whole picture, for which some cameras take seconds. One that stalls
# has ended its read before it counts as lost, so that its thread can be closed.
NETWORK_PATIENCE = Patience(open_s=15.0, stall_s=5.0, release_s=4.0)
MOST_DECLARED = 1e9  # frames; live streams declare nonsense beyond


def shown_address(address: str) -> str:
    """Return an address as it may be printed: without user, password and query, which has secrets.

    Example:
        >>> shown_address("rtsp://user:secret@door:8554/cam?token=1")
        'rtsp://door:8554/cam'
    """
    scheme, _, rest = address.partition(":")
    rest = rest.partition("?")[0].partition("#")[0]
    host, slash, path = rest.lstrip("/").rpartition("@")[2].partition("/")
    return f"{scheme.lower()}://{host}{slash}{path}"


def shown_source(source: str) -> str:
    """Return a source as it may be printed, whatever it is."""
    return shown_address(source) if ADDRESS.match(source) else source


def check_address(address: str) -> None:
    """Raise UsageError unless an address can be a camera's."""
    try:
        parts = urlsplit(address)
        complete = parts.scheme in SCHEMES and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:  # a port that is no number
        complete = False
    if not complete:
        raise UsageError(
            f"--source {shown_address(address)}: expected "
            f"SCHEME://[USER:PASSWORD@]HOST[:PORT]/PATH with one of {', '.join(SCHEMES)}; signs "
            "such as @ in a password are written as %40"
        )


@contextmanager
def open_network(address: str) -> Iterator[FrameSource]:
    """Open the stream of a camera; the newest frame is kept by whoever reads it in a thread.

    Args:
        address: see ``check_address``; user and password are sent to the camera alone.

    Raises:
        CameraError: there is no such stream, or it is denied.
        PictureError: it is a film, which has an end.
    """
    name = shown_address(address)
    quieten_decoders()
    timeouts = [cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, OPEN_MS, cv2.CAP_PROP_READ_TIMEOUT_MSEC, READ_MS]
    capture = cv2.VideoCapture(address, cv2.CAP_FFMPEG, timeouts)
    try:
        if not capture.isOpened():
            raise CameraError(
                f"{name} cannot be opened: is the camera on, and are host, port, path, user and "
                "password right?"
            )
        if 0 < capture.get(cv2.CAP_PROP_FRAME_COUNT) < MOST_DECLARED:
            raise PictureError(f"{name}: is a film and no camera: download it, then --source FILE")
        yield FrameSource(_frames(capture, name), continuous=True, fps=None)
    finally:
        capture.release()


def _frames(capture: cv2.VideoCapture, name: str) -> Iterator[Frame]:
    index, first_ns = 0, None
    while True:
        good, raw = capture.read()
        now_ns = time.monotonic_ns()
        if not good:
            raise CameraTimeout(f"{name} stopped giving frames after {index}")
        first_ns = now_ns if first_ns is None else first_ns
        yield Frame(index, name, (now_ns - first_ns) / 1e9, rgb_of(raw), sensor_ns=now_ns)
        index += 1
