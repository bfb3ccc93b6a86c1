"""Frames of videos as pictures, fast as long as they are asked for in about their order.

A video can only be decoded forwards. Preparing asks for the frames in order, but from several
threads, so that they come a little out of it: the reader keeps the last few frames that it passed.
Asking for an earlier frame opens the video again and decodes it from its start.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from landmarks.errors import PictureError
from landmarks.types import Image

KEPT_FRAMES = 8  # at 1280 x 720 they take 22 MB
OPEN_VIDEOS = 2  # threads may be at the end of one and at the start of the next


@dataclass
class _OpenVideo:
    path: Path
    capture: Any
    next_index: int = 0
    kept: dict[int, Image] = field(default_factory=dict)


class VideoReader:
    """Decodes frames for all pictures of a data set; may be called from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._open: dict[Path, _OpenVideo] = {}  # the least recently used first

    def read(self, path: Path, index: int) -> Image:
        """Return a frame, RGB uint8 (height, width, 3).

        Args:
            path: the video.
            index: frame, from 0.

        Raises:
            PictureError: there is no such video, it cannot be decoded, or it is shorter.
        """
        with self._lock:
            video = self._open.pop(path, None)
            if video is not None and index in video.kept:
                self._open[path] = video
                return video.kept.pop(index)
            if video is None or index < video.next_index:
                video = _open_video(path)
            frame = _decode(video, index)
            self._open[path] = video
            while len(self._open) > OPEN_VIDEOS:
                self._open.pop(next(iter(self._open))).capture.release()
            return frame


@dataclass(frozen=True)
class VideoFrame:
    """A frame of a video.

    Attributes:
        path: the video.
        index: frame, from 0; ``name`` and ``str`` count from 1, like 300VW's label files.
        video_name: name of the video; all its frames belong together, see
            ``train.preparation.prepared.kept_together``.
        reader: shared by the frames of a data set.
    """

    path: Path
    index: int
    video_name: str
    reader: VideoReader = field(compare=False, repr=False)

    @property
    def name(self) -> str:
        """E.g. ``001#000123``."""
        return f"{self.video_name}#{self.index + 1:06}"

    def read(self) -> Image:
        """Decode it; see ``VideoReader.read``."""
        return self.reader.read(self.path, self.index)

    def __str__(self) -> str:
        return f"{self.path}: frame {self.index + 1}"


def _open_video(path: Path) -> _OpenVideo:
    if not path.is_file():
        raise PictureError(f"{path}: no such video")
    capture = cv2.VideoCapture(str(path))
    if not capture.isOpened():
        raise PictureError(f"{path}: not a video that OpenCV can read")
    return _OpenVideo(path, capture)


def _decode(video: _OpenVideo, index: int) -> Image:
    """Decode up to a frame; what is passed on the last steps is kept, the rest only skipped."""
    while True:
        if not video.capture.grab():
            raise PictureError(
                f"{video.path}: ends after {video.next_index} frames, expected frame {index + 1}"
            )
        here = video.next_index
        video.next_index += 1
        if index - here > KEPT_FRAMES:
            continue
        decoded, bgr = video.capture.retrieve()
        if not decoded:
            raise PictureError(f"{video.path}: frame {here + 1} cannot be decoded")
        frame = np.asarray(cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB), np.uint8)
        if here == index:
            return frame
        video.kept[here] = frame
        while len(video.kept) > KEPT_FRAMES:
            del video.kept[min(video.kept)]
