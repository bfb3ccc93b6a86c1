"""Frames from files: one picture, a folder of pictures, a video."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import cv2
import numpy as np

from edge.camera.opencv_log import quieten_decoders
from edge.stream import Frame, FrameSource
from landmarks.errors import PictureError
from landmarks.pictures import SUFFIXES, read_picture

VIDEO_SUFFIXES = (".mp4", ".avi", ".mov", ".mkv", ".webm", ".m4v", ".mjpg", ".mjpeg")
UNKNOWN_FPS = 25.0


@contextmanager
def open_picture(path: Path) -> Iterator[FrameSource]:
    """Open a single picture; if it cannot be read, the first frame raises PictureError."""
    yield FrameSource(_pictures([path], tolerant=False), continuous=False, fps=None)


@contextmanager
def open_folder(folder: Path) -> Iterator[FrameSource]:
    """Open all pictures of a folder, by name; an unreadable one becomes a frame with a problem.

    Raises:
        PictureError: the folder holds no picture.
    """
    paths = sorted(p for p in folder.iterdir() if p.suffix.lower() in SUFFIXES)
    if not paths:
        raise PictureError(f"{folder}: no pictures in this folder ({' '.join(SUFFIXES)})")
    yield FrameSource(_pictures(paths, tolerant=True), continuous=False, fps=None)


@contextmanager
def open_video(path: Path) -> Iterator[FrameSource]:
    """Open a video file, decoded by the FFmpeg inside OpenCV.

    Raises:
        PictureError: it cannot be opened as a video.
    """
    quieten_decoders()
    capture = cv2.VideoCapture(str(path), cv2.CAP_FFMPEG)
    if not capture.isOpened():
        raise PictureError(f"{path}: not a video that OpenCV can read")
    declared = float(capture.get(cv2.CAP_PROP_FPS))
    fps = declared if 0 < declared < 1000 else UNKNOWN_FPS
    try:
        yield FrameSource(_video_frames(capture, path.name, fps), continuous=True, fps=fps)
    finally:
        capture.release()


def _pictures(paths: Sequence[Path], *, tolerant: bool) -> Iterator[Frame]:
    for index, path in enumerate(paths):
        try:
            yield Frame(index, path.name, None, read_picture(path))
        except PictureError as error:
            if not tolerant:
                raise
            yield Frame(index, path.name, None, None, str(error))


def _video_frames(capture: cv2.VideoCapture, name: str, fps: float) -> Iterator[Frame]:
    index = 0
    while True:
        good, bgr = capture.read()
        if not good:
            break
        image = np.asarray(cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB), np.uint8)
        yield Frame(index, name, index / fps, image)
        index += 1
    if index == 0:
        raise PictureError(f"{name}: the video holds no frame that can be decoded")
