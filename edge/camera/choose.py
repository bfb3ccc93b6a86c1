"""From what a user typed to an open source."""

from __future__ import annotations

from pathlib import Path

from edge.camera import FrameSource
from edge.camera.files import VIDEO_SUFFIXES, PictureSource, VideoSource
from edge.camera.picamera import PicameraSource, picamera_names
from edge.camera.v4l2 import V4l2Source, describe_devices, v4l2_devices
from landmarks.errors import CameraError, PictureError


def open_source(source: str, *, width: int, height: int, fps: float) -> FrameSource:
    """Open a picture, a folder of pictures, a video, or a camera.

    Args:
        source: a path, or the number of a V4L2 camera.
        width: what to ask a camera for, pixels.
        height: the same.
        fps: frames a second to ask for.

    Raises:
        PictureError: the path is missing or cannot be read.
        CameraError: there is no such camera.
    """
    path = Path(source)
    if source.isdecimal() and not path.exists():
        return V4l2Source(int(source), width=width, height=height, fps=fps)
    if source.startswith("/dev/video") and source.removeprefix("/dev/video").isdecimal():
        index = int(source.removeprefix("/dev/video"))
        return V4l2Source(index, width=width, height=height, fps=fps)
    if path.is_dir():
        return PictureSource.of_folder(path)
    if not path.exists():
        raise PictureError(f"{path}: no such picture, folder or video")
    if path.suffix.lower() in VIDEO_SUFFIXES:
        return VideoSource(path)
    return PictureSource([path], tolerant=False)


def open_camera(*, width: int, height: int, fps: float) -> FrameSource:
    """Open the first camera: a Raspberry Pi camera if there is one, else V4L2.

    Raises:
        CameraError: no camera; the message says what was looked for.
    """
    pi_cameras = picamera_names()
    if pi_cameras:
        return PicameraSource(0, width=width, height=height, fps=fps)
    for device in v4l2_devices():
        try:
            index = int(device.removeprefix("/dev/video"))
            return V4l2Source(index, width=width, height=height, fps=fps)
        except (CameraError, ValueError):  # the Pi's own codecs are /dev/video* too
            continue
    state = "picamera2 is not installed" if pi_cameras is None else "libcamera sees no camera"
    raise CameraError(
        f"no camera: {state}, and V4L2 has {describe_devices()}; check the cable, or give "
        "--source FILE"
    )
