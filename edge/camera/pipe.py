"""Raw MJPEG, one JPEG after another, from a pipe or standard input.

::

    rpicam-vid --codec mjpeg -t 0 -o - | edge-run --source -

A pipe has no clock and no end that can be looked up: a frame has the time at which it came.
"""

from __future__ import annotations

import os
import select
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager

import cv2
import numpy as np

from edge.camera.kind import STDIN
from edge.stream import Frame, FrameSource
from landmarks.errors import PictureError
from landmarks.pictures import refuse_huge

READ_BYTES = 1 << 20
MOST_NOISE_BYTES = 1 << 20  # before the first picture
MOST_JPEG_BYTES = 1 << 26
EXPECTED = "expected raw MJPEG, such as from: rpicam-vid --codec mjpeg -t 0 -o -"
_BEGIN, _END, _SCAN = b"\xff\xd8\xff", b"\xff\xd9", 0xDA


@contextmanager
def open_pipe(source: str) -> Iterator[FrameSource]:
    """Open a named pipe, or standard input by the name ``-``.

    Raises:
        PictureError: it cannot be opened; while frames are read: it carries no JPEG pictures.
    """
    try:
        # A named pipe is opened without waiting for whoever will write to it.
        handle = os.dup(0) if source == STDIN else os.open(source, os.O_RDONLY | os.O_NONBLOCK)
    except OSError as error:
        raise PictureError(f"{source}: cannot be read as a pipe: {error.strerror}") from None
    name = "standard input" if source == STDIN else os.path.basename(source)
    try:
        if stat.S_ISREG(os.fstat(handle).st_mode):
            raise PictureError(f"{name}: is a file, which has a name: --source FILE")
        if os.isatty(handle):
            raise PictureError(f"{name}: is a terminal, {EXPECTED}")
        yield FrameSource(_frames(handle, name), continuous=True, fps=None)
    finally:
        os.close(handle)


def _frames(handle: int, name: str) -> Iterator[Frame]:
    index, first_ns = 0, None
    for data in _jpegs(handle, name):
        now_ns = time.monotonic_ns()
        first_ns = now_ns if first_ns is None else first_ns
        refuse_huge(name, data)
        decoded = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR_RGB)
        image = None if decoded is None else np.asarray(decoded, np.uint8)
        problem = f"{name}: JPEG {index} is damaged" if image is None else ""
        time_s = (now_ns - first_ns) / 1e9
        yield Frame(index, name, time_s, image, problem, sensor_ns=now_ns)
        index += 1
    if index == 0:
        raise PictureError(f"{name}: ended without a whole JPEG, {EXPECTED}")


def _jpegs(handle: int, name: str) -> Iterator[bytes]:
    """Yield the bytes of each JPEG until all writers have closed the pipe."""
    ready = select.poll()
    ready.register(handle, select.POLLIN)
    waiting, began = bytearray(), False
    while True:
        ready.poll()
        chunk = os.read(handle, READ_BYTES)
        if not chunk:
            return
        waiting += chunk
        while (span := first_jpeg(waiting)) is not None:
            began = True
            yield bytes(waiting[slice(*span)])
            del waiting[: span[1]]
        if len(waiting) > MOST_JPEG_BYTES or (
            not began and _BEGIN not in waiting and len(waiting) > MOST_NOISE_BYTES
        ):
            raise PictureError(f"{name}: carries no JPEG pictures, {EXPECTED}")


def first_jpeg(data: bytes | bytearray) -> tuple[int, int] | None:
    """Return where the first whole JPEG begins and ends; None if there is none yet.

    Its end is looked for behind its own scan: a thumbnail before that has an end too.
    """
    begin = data.find(_BEGIN)
    at = begin + 2
    while begin >= 0 and at + 4 <= len(data) and data[at] == 0xFF:
        if data[at + 1] == _SCAN:
            end = data.find(_END, at)
            return None if end < 0 else (begin, end + 2)
        at += 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    return None
