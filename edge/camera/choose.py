"""From what a user typed to an open source, and to the stream that a run works through."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from functools import partial
from pathlib import Path

from edge.camera import CameraRequest
from edge.camera.capture import OpenCamera
from edge.camera.devices import describe_devices, video_devices
from edge.camera.files import VIDEO_SUFFIXES, open_folder, open_picture, open_video
from edge.camera.picamera import open_picamera, picamera_names
from edge.camera.replay import open_replay
from edge.camera.v4l2 import open_v4l2
from edge.camera.watch import watched
from edge.recording import is_recording
from edge.stream import FrameSource, Stream, Taken
from landmarks.errors import CameraError, PictureError

CSI = "csi"


def is_camera(source: str) -> bool:
    """Say whether a source is a camera, so that it is live and may be lost."""
    number = source.isdecimal() and not Path(source).exists()
    return number or source.startswith("/dev/video") or _csi_index(source) is not None


def open_source(source: str, request: CameraRequest) -> AbstractContextManager[FrameSource]:
    """Open a picture, a folder of pictures, a video, a recording or a camera.

    Args:
        source: a path; or the number of a V4L2 camera, or ``csi`` (``csi:1``) for a Raspberry Pi
            camera.
        request: what to ask a camera for.

    Raises:
        PictureError: the path is missing or cannot be read.
        CameraError: there is no such camera.
    """
    path = Path(source)
    csi = _csi_index(source)
    if csi is not None:
        return open_picamera(csi, request)
    if is_camera(source):
        return open_v4l2(f"/dev/video{source}" if source.isdecimal() else source, request)
    if path.is_dir():
        return open_replay(path) if is_recording(path) else open_folder(path)
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
    problems = []
    with ExitStack() as stack:
        if pi_cameras:
            yield stack.enter_context(open_picamera(0, request))
            return
        for device in video_devices():
            try:
                source = stack.enter_context(open_v4l2(device.path, request))
            except CameraError as error:  # the Pi's own codecs are /dev/video* too
                if device.is_usb:
                    problems.append(str(error))
                continue
            yield source
            return
    state = "picamera2 is not installed" if pi_cameras is None else "libcamera sees no camera"
    found = "; ".join(problems) or f"V4L2 has {describe_devices()}"
    raise CameraError(
        f"no camera: {state}, and {found}; check the cable, ask edge-doctor, or give --source FILE"
    )


@contextmanager
def open_stream(source: str | None, request: CameraRequest) -> Iterator[Stream]:
    """Open what a run works through: a camera is watched over, files are read one by one.

    Args:
        source: see ``open_source``; None for the first camera there is.
        request: what to ask a camera for.

    Raises:
        CameraError: no camera, or it gives no frame.
        PictureError: the path is missing or cannot be read.
    """
    if source is None or is_camera(source):
        with watched(_camera_opener(source, request)) as watch:
            yield Stream(watch.items(), live=True, continuous=True, fps=watch.fps)
    else:
        with open_source(source, request) as opened:
            items = (Taken(frame) for frame in opened.frames)
            yield Stream(items, live=False, continuous=opened.continuous, fps=opened.fps)


def _camera_opener(source: str | None, request: CameraRequest) -> OpenCamera:
    if source is None:
        return partial(open_camera, request)
    return partial(open_source, source, request)


def _csi_index(source: str) -> int | None:
    name, colon, number = source.partition(":")
    if name != CSI or (colon and not number.isdecimal()):
        return None
    return int(number or 0)
