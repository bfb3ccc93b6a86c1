"""What OpenCV and FFmpeg may print: nothing, for what goes wrong is said by this program."""

from __future__ import annotations

import os

import cv2

LOG_LEVEL_FATAL = 1


def quieten_decoders() -> None:
    """Keep OpenCV and FFmpeg from explaining a bad file or camera in words for their makers."""
    os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")
    # 4.11, the newest that works with NumPy 1, has the function elsewhere
    set_level = getattr(cv2, "setLogLevel", None) or cv2.utils.logging.setLogLevel
    set_level(LOG_LEVEL_FATAL)
