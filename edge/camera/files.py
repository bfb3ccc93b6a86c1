"""Frames from files: one picture, a folder of pictures, a video."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import cv2
import numpy as np

from edge.camera import Frame
from landmarks.errors import PictureError
from landmarks.pictures import SUFFIXES, read_picture

VIDEO_SUFFIXES = (".mp4", ".avi", ".mov", ".mkv", ".webm", ".m4v", ".mjpg", ".mjpeg")


class PictureSource:
    """Still pictures, in the order given.

    In a folder a picture that cannot be read becomes a frame with a problem; a single picture that
    cannot be read is an error.
    """

    continuous = False
    fps: float | None = None

    def __init__(self, paths: Sequence[Path], *, tolerant: bool) -> None:
        """Take the paths; ``tolerant`` reports unreadable pictures instead of raising."""
        self._paths = paths
        self._tolerant = tolerant

    @classmethod
    def of_folder(cls, folder: Path) -> PictureSource:
        """Take every picture of a folder, sorted by name.

        Raises:
            PictureError: the folder holds no picture.
        """
        paths = sorted(p for p in folder.iterdir() if p.suffix.lower() in SUFFIXES)
        if not paths:
            raise PictureError(f"{folder}: no pictures in this folder ({' '.join(SUFFIXES)})")
        return cls(paths, tolerant=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        return None

    def __iter__(self) -> Iterator[Frame]:
        for index, path in enumerate(self._paths):
            try:
                yield Frame(index, path.name, None, read_picture(path))
            except PictureError as error:
                if not self._tolerant:
                    raise
                yield Frame(index, path.name, None, None, str(error))


class VideoSource:
    """A video file, decoded by the FFmpeg inside OpenCV."""

    continuous = True

    def __init__(self, path: Path) -> None:
        """Open the file.

        Raises:
            PictureError: it cannot be opened as a video.
        """
        self._name = path.name
        self._capture = cv2.VideoCapture(str(path), cv2.CAP_FFMPEG)
        if not self._capture.isOpened():
            raise PictureError(f"{path}: not a video that OpenCV can read")
        fps = float(self._capture.get(cv2.CAP_PROP_FPS))
        self.fps: float | None = fps if 0 < fps < 1000 else 25.0

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
        index = 0
        while True:
            good, bgr = self._capture.read()
            if not good:
                break
            image = np.asarray(cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB), np.uint8)
            yield Frame(index, self._name, index / (self.fps or 25.0), image)
            index += 1
        if index == 0:
            raise PictureError(f"{self._name}: the video holds no frame that can be decoded")
