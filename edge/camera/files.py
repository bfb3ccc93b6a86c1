"""Frames from files: one picture, a folder of pictures, a video."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import cv2
import numpy as np

from edge.camera.opencv_log import quieten_decoders
from edge.stream import Frame, FrameSource
from landmarks.content import content_of, passed_over
from landmarks.errors import PictureError
from landmarks.pictures import SUFFIXES, read_picture

VIDEO_SUFFIXES = (".mp4", ".avi", ".mov", ".mkv", ".webm", ".m4v", ".mjpg", ".mjpeg")
UNKNOWN_FPS = 25.0
logger = logging.getLogger(__name__)


@contextmanager
def open_picture(path: Path) -> Iterator[FrameSource]:
    """Open a single picture; if it cannot be read, the first frame raises PictureError."""
    frames = (Frame(0, path.name, None, read_picture(path)) for _ in range(1))
    yield FrameSource(frames, continuous=False, fps=None)


@contextmanager
def open_folder(folder: Path) -> Iterator[FrameSource]:
    """Open all pictures of a folder, by name; an unreadable one becomes a frame with a problem.

    What is a picture is decided by the content; a file that only has the name of one cannot be
    read. Files of other kinds are passed over, and the log says at the end which. If there is no
    picture, the first frame raises PictureError.
    """
    paths = sorted(p for p in folder.iterdir() if not p.name.startswith("."))
    yield FrameSource(_pictures(folder, paths), continuous=False, fps=None)


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


def _pictures(folder: Path, paths: Sequence[Path]) -> Iterator[Frame]:
    index, others = 0, []
    for path in paths:
        image, problem = None, ""
        try:
            kind = content_of(path).kind
            if kind == "folder":
                continue
            if kind != "picture" and path.suffix.lower() not in SUFFIXES:
                others.append(path)
                continue
            image = read_picture(path)
        except PictureError as error:
            problem = str(error)
        yield Frame(index, path.name, None, image, problem)
        index += 1
    if index == 0:
        found = f", {passed_over(others)} of other kinds" if others else ""
        raise PictureError(f"{folder}: no pictures in this folder{found}")
    if others:
        logger.warning("%s: %s of other kinds were passed over", folder, passed_over(others))


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
