"""From what a user typed to an open source."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path

from edge.camera import CameraRequest, FrameSource
from edge.camera.files import VIDEO_SUFFIXES, open_folder, open_picture, open_video
from edge.camera.picamera import open_picamera, picamera_names
from edge.camera.v4l2 import describe_devices, open_v4l2, v4l2_devices
from landmarks.errors import CameraError, PictureError


def open_source(source: str, request: CameraRequest) -> AbstractContextManager[FrameSource]:
    """Open a picture, a folder of pictures, a video, or a V4L2 camera.

    Args:
        source: a path, or the number of a V4L2 camera.
        request: what to ask a camera for.

    Raises:
        PictureError: the path is missing or cannot be read.
        CameraError: there is no such camera.
    """
    path = Path(source)
    if source.isdecimal() and not path.exists():
        return open_v4l2(f"/dev/video{source}", request)
    if source.startswith("/dev/video"):
        return open_v4l2(source, request)
    if path.is_dir():
        return open_folder(path)
    if not path.exists():
        raise PictureError(f"{path}: no such picture, folder or video")
    if path.suffix.lower() in VIDEO_SUFFIXES:
        return open_video(path)
    return open_picture(path)


@contextmanager
def open_camera(request: CameraRequest) -> Iterator[FrameSource]:
    """Open the first camera: a Raspberry Pi camera if there is one, else V4L2.

    Raises:
        CameraError: no camera; the message says what was looked for.
    """
    pi_cameras = picamera_names()
    with ExitStack() as stack:
        if pi_cameras:
            yield stack.enter_context(open_picamera(0, request))
            return
        for device in v4l2_devices():
            try:
                source = stack.enter_context(open_v4l2(device, request))
            except CameraError:  # the Pi's own codecs are /dev/video* too
                continue
            yield source
            return
    state = "picamera2 is not installed" if pi_cameras is None else "libcamera sees no camera"
    raise CameraError(
        f"no camera: {state}, and V4L2 has {describe_devices()}; check the cable, or give "
        "--source FILE"
    )
