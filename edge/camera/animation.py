"""Films in the formats of pictures: GIF, PNG, WebP and AVIF with several frames.

The FFmpeg inside OpenCV reads of some of them the first frame alone, or none; OpenCV's own picture
decoders read them all.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from edge.camera.opencv_log import quieten_decoders
from edge.stream import Frame, FrameSource
from landmarks.errors import PictureError
from landmarks.pictures import MOST_PICTURE_BYTES, refuse_huge
from landmarks.reading import read_whole
from landmarks.types import Image

FORMATS = ("GIF", "PNG", "WebP", "AVIF")
CHUNK_BYTES = 1 << 26  # of frames that are decoded at once; each time, it begins at the first frame
USUAL_MS = 100  # what browsers take for a duration of 0


@contextmanager
def open_animation(path: Path) -> Iterator[FrameSource]:
    """Open a film of one of ``FORMATS``; frames last as long as the file says.

    Raises:
        PictureError: it cannot be read.
    """
    quieten_decoders()
    whole = read_whole(path, what="film", most_bytes=MOST_PICTURE_BYTES, error=PictureError)
    refuse_huge(path, whole)
    data = np.frombuffer(whole, np.uint8)[None]
    first, durations_ms = _decoded(path, data, 0, 2)
    chunk = max(2, CHUNK_BYTES // first[0].nbytes)
    fps = 1000 / (durations_ms[0] or USUAL_MS)
    yield FrameSource(_frames(path, data, chunk), continuous=True, fps=fps)


def _frames(path: Path, data: npt.NDArray[np.uint8], chunk: int) -> Iterator[Frame]:
    index, time_ms = 0, 0
    while True:
        pictures, durations_ms = _decoded(path, data, index, chunk)
        for picture, duration_ms in zip(pictures, durations_ms, strict=True):
            yield Frame(index, path.name, time_ms / 1e3, picture)
            index, time_ms = index + 1, time_ms + (duration_ms or USUAL_MS)
        if len(pictures) < chunk:
            return


def _decoded(
    path: Path, data: npt.NDArray[np.uint8], start: int, count: int
) -> tuple[list[Image], list[int]]:
    """Return up to ``count`` frames from ``start`` on, RGB uint8, and their durations in ms."""
    try:
        good, animation = cv2.imdecodeanimation(data, start=start, count=count)
    except cv2.error:
        good = False
    if not good or (start == 0 and not animation.frames):
        raise PictureError(f"{path}: not a whole film that OpenCV can read ({data.size} bytes)")
    pictures = [_rgb(raw) for raw in animation.frames]
    return pictures, [int(duration_ms) for duration_ms in animation.durations]


def _rgb(raw: npt.NDArray[Any]) -> Image:
    code = cv2.COLOR_BGRA2RGB if raw.shape[2] == 4 else cv2.COLOR_BGR2RGB
    return np.asarray(cv2.cvtColor(raw, code), np.uint8)
