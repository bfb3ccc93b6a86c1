"""Films, decoded by the FFmpeg inside OpenCV: each frame with the time that the film says.

The reader of OpenCV says of a damaged frame what it says at the end: there is none. So it is asked
again, and what came is compared with what the film declares. A frame that could not be decoded, and
an end that came too soon, are frames with a problem: they are counted, and the results say so.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import repeat
from pathlib import Path
from typing import Any

import cv2
import numpy.typing as npt

from edge.camera.colour import ask_for_all_bits, rgb_of
from edge.camera.opencv_log import quieten_decoders
from edge.stream import Frame, FrameSource
from landmarks.content import content_of
from landmarks.errors import PictureError

UNKNOWN_FPS = 25.0
MOST_FPS = 1000.0  # from here on it is the unit of the time stamps
# Reads in a row that give nothing before it is the end: at 25 frames a second, 10 s of damage.
END_AFTER = 250
# Streams of pictures alone; FFmpeg makes up times for some of them.
_WITHOUT_TIMES = ("JPEG", "H.264", "H.265")
# Their headers count frames; elsewhere OpenCV computes the number from the duration.
_COUNT_FRAMES = ("MP4", "AVI")
# An end this much sooner than declared is no rounding, nor sound that goes on for a moment.
SHORT_S, SHORT_SHARE = 1.0, 0.05

logger = logging.getLogger(__name__)


@contextmanager
def open_film(path: Path) -> Iterator[FrameSource]:
    """Open a film file.

    Raises:
        PictureError: it cannot be opened as a film.
    """
    content = content_of(path)
    if content.kind != "film":  # FFmpeg would make a film of a text: its letters, scrolling
        raise PictureError(f"{path}: not a film that OpenCV can read")
    quieten_decoders()
    # An absolute path: FFmpeg takes "data:x.mp4" for an address.
    capture = cv2.VideoCapture(os.path.abspath(path), cv2.CAP_FFMPEG)
    if not capture.isOpened():
        raise PictureError(f"{path}: not a film that OpenCV can read")
    try:
        ask_for_all_bits(capture, capture.get(cv2.CAP_PROP_CODEC_PIXEL_FORMAT))
        film = _Film(capture, path.name, content.format)
        yield FrameSource(film.frames(), continuous=True, fps=film.fps)
    finally:
        capture.release()


class _Film:
    """An open film.

    Attributes:
        fps: frames a second as it declares, or ``UNKNOWN_FPS``.
    """

    def __init__(self, capture: cv2.VideoCapture, name: str, form: str) -> None:
        self._capture, self._name = capture, name
        declared = float(capture.get(cv2.CAP_PROP_FPS))
        self.fps = declared if 0 < declared < MOST_FPS else UNKNOWN_FPS
        count = float(capture.get(cv2.CAP_PROP_FRAME_COUNT))
        self._n_declared = int(count) if 0 < count < 1e9 else 0
        self._declared_s = self._n_declared / declared if declared > 0 else 0.0
        self._counts_frames = form in _COUNT_FRAMES
        self._has_times = form not in _WITHOUT_TIMES

    def frames(self) -> Iterator[Frame]:
        """Yield all frames; those that cannot be decoded with a problem in place of a picture."""
        clock = _Clock(self._name, self.fps, has_times=self._has_times)
        index = n_whole = 0
        for raw in self._reads():
            if raw is None:
                problem = f"{self._name}: frame {index} is damaged and cannot be decoded"
                yield Frame(index, self._name, None, None, problem)
            else:
                time_s = clock.time_s(self._capture.get(cv2.CAP_PROP_POS_MSEC) / 1e3, index)
                yield Frame(index, self._name, time_s, rgb_of(raw))
                n_whole += 1
            index += 1
        if n_whole == 0:
            raise PictureError(f"{self._name}: the film holds no frame that can be decoded")
        if lacking := self._lacking(index, clock.last_s):
            problem = f"{self._name}: {lacking} came: the film is damaged or was cut off"
            yield Frame(index, self._name, None, None, problem)

    def _reads(self) -> Iterator[npt.NDArray[Any] | None]:
        """Yield pictures, and None for each read that failed before another picture came."""
        failures = 0
        while failures < END_AFTER:
            good, raw = self._capture.read()
            if not good:
                failures += 1
                continue
            yield from repeat(None, failures)
            failures = 0
            yield raw

    def _lacking(self, n_read: int, last_s: float) -> str:
        """Say how much less came than the film declares; empty if nothing is missing."""
        if self._counts_frames:
            missing = n_read < self._n_declared
            return f"{n_read} of the {self._n_declared} frames that it declares" if missing else ""
        end_s = last_s + 1 / self.fps
        if self._declared_s - end_s <= max(SHORT_S, SHORT_SHARE * self._declared_s):
            return ""
        return f"{end_s:.1f} of the {self._declared_s:.1f} s that it declares"


class _Clock:
    """Times of the frames by the film's own time stamps, where it has any.

    Attributes:
        last_s: of the frame before, seconds since the first; it never goes back.
    """

    def __init__(self, name: str, fps: float, *, has_times: bool) -> None:
        self._name, self._fps, self._has_times = name, fps, has_times
        self._first_s: float | None = None
        self._stamped: bool | None = None  # not known before the second frame
        self.last_s = 0.0

    def time_s(self, stamp_s: float, index: int) -> float:
        """Return the time of the next frame.

        Args:
            stamp_s: its time stamp; the same for all frames of a film that has none.
            index: its number.
        """
        if self._first_s is None:
            self._first_s = stamp_s
            return self.last_s
        if self._stamped is None:
            self._stamped = self._has_times and stamp_s > self._first_s
            if not self._stamped:
                logger.warning(
                    "%s: the film has no time stamps, so time_s counts %g frames a second",
                    *(self._name, self._fps),
                )
        now_s = stamp_s - self._first_s if self._stamped else index / self._fps
        self.last_s = max(self.last_s, now_s)
        return self.last_s
