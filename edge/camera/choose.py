"""From what a user typed to an open source, and to the stream that a run works through."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from edge.camera import CameraRequest
from edge.camera.capture import OpenCamera, newest
from edge.camera.devices import describe_devices, video_devices
from edge.camera.files import open_folder, open_picture, open_video
from edge.camera.kind import Kind, csi_index, device_path, kind_of
from edge.camera.network import NETWORK_PATIENCE, check_address, open_network
from edge.camera.pace import at_most, in_real_time, looped
from edge.camera.picamera import open_picamera, picamera_names
from edge.camera.pipe import open_pipe
from edge.camera.replay import open_replay
from edge.camera.v4l2 import open_v4l2
from edge.camera.view import View
from edge.camera.watch import Patience, watched
from edge.stream import FrameSource, Stream, Taken
from landmarks.errors import CameraError, UsageError

LIVE: tuple[Kind, ...] = ("csi", "v4l2", "network")


def open_source(source: str, request: CameraRequest) -> AbstractContextManager[FrameSource]:
    """Open whatever a source is; see ``edge.camera.kind``.

    Args:
        source: a path or an address; the number of a V4L2 camera; ``csi`` (``csi:1``) for a camera
            of the Raspberry Pi; ``-`` for standard input.
        request: what to ask a camera for.

    Raises:
        PictureError: the path is missing, or nothing that frames come from.
        CameraError: there is no such camera.
        UsageError: an address that can be no camera's.
    """
    return _opener(source, kind_of(source), request)()


def _opener(source: str, kind: Kind, request: CameraRequest) -> OpenCamera:
    path = Path(source)
    match kind:
        case "csi":
            return partial(open_picamera, csi_index(source), request)
        case "v4l2":
            return partial(open_v4l2, device_path(source), request)
        case "network":
            check_address(source)
            return partial(open_network, source)
        case "pipe":
            return partial(open_pipe, source)
        case "recording":
            return partial(open_replay, path)
        case "folder":
            return partial(open_folder, path)
        case "film":
            return partial(open_video, path)
        case "picture":
            return partial(open_picture, path)


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


@dataclass(frozen=True)
class Handling:
    """What is done with the frames of a source before a run sees them.

    Attributes:
        view: turned, mirrored, cut.
        max_fps: frames a second at most, by their times; None: all of them.
        loop: of a film, a recording or a folder: begin anew at the end.
        realtime: of a film or a recording: each frame when it is due, as a camera would give it.
    """

    view: View = View()
    max_fps: float | None = None
    loop: bool = False
    realtime: bool = False


@contextmanager
def open_stream(
    source: str | None, request: CameraRequest, handling: Handling = Handling()
) -> Iterator[Stream]:
    """Open what a run works through: a camera is watched over, files are read one by one.

    Of a pipe the newest frame is taken, as of a camera; where it ends, the stream ends.

    Args:
        source: see ``open_source``; None for the first camera there is.
        request: what to ask a camera for.
        handling: what is done with its frames.

    Raises:
        CameraError: no camera, or it gives no frame.
        PictureError: the path is missing or cannot be read.
        UsageError: an address that can be no camera's, or a handling that the source cannot have.
    """
    kind = None if source is None else kind_of(source)
    opener: OpenCamera = partial(open_camera, request)
    if source is not None and kind is not None:
        opener = _opener(source, kind, request)
    _check(handling, kind)
    opener = partial(_handled, opener, handling)
    if kind is None or kind in LIVE:
        patience = NETWORK_PATIENCE if kind == "network" else Patience()
        with watched(opener, patience) as watch:
            yield Stream(watch.items(), live=True, continuous=True, fps=watch.fps)
    elif kind == "pipe" or handling.realtime:
        # A pipe into which nobody writes is waited for without end, a film is not.
        with newest(opener, release_s=1.0 if kind == "pipe" else 10.0) as items:
            yield Stream(items, live=True, continuous=True, fps=None)
    else:
        with opener() as opened:
            items = (Taken(frame) for frame in opened.frames)
            yield Stream(items, live=False, continuous=opened.continuous, fps=opened.fps)


def _check(handling: Handling, kind: Kind | None) -> None:
    if handling.loop and kind not in ("film", "recording", "folder"):
        raise UsageError("--loop is for films, recordings and folders, which have an end")
    if handling.realtime and kind not in ("film", "recording"):
        raise UsageError("--realtime is for films and recordings, whose frames have times")


@contextmanager
def _handled(open_source: OpenCamera, handling: Handling) -> Iterator[FrameSource]:
    with looped(open_source) if handling.loop else open_source() as source:
        frames, fps = source.frames, source.fps
        if handling.max_fps is not None:
            frames = at_most(frames, handling.max_fps)
            fps = None if fps is None else min(fps, handling.max_fps)
        frames = handling.view(frames)
        if handling.realtime:
            frames = in_real_time(frames)
        yield replace(source, frames=frames, fps=fps)
