"""A Raspberry Pi camera through picamera2: ``apt install python3-picamera2``.

picamera2 comes from the system, beside the Pi's own libcamera; an environment sees it when it is
made with ``--system-site-packages``.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from edge.camera import CameraRequest, sensor_time_ns
from edge.stream import Frame, FrameSource
from landmarks.errors import CameraError, CameraTimeout
from landmarks.types import Image

FRAME_WAIT_S = 2.0
# From here up the camera's own small picture costs less than shrinking the large one for the
# finder; at 640 x 480 it costs more (0.33 against 0.14 ms on an x86 core, and on every frame).
SMALL_FROM_WIDTH = 641
SMALL_WIDTH = 320
AF_CONTINUOUS = 2  # libcamera.controls.AfModeEnum.Continuous


@contextmanager
def open_picamera(index: int, request: CameraRequest) -> Iterator[FrameSource]:
    """Open and start a CSI camera; large pictures come with a small one for the finder.

    Raises:
        CameraError: picamera2 is missing, or there is no such camera, or it is busy.
    """
    cameras = picamera_names()
    if cameras is None:
        raise CameraError("picamera2 is not installed: sudo apt install python3-picamera2")
    if index >= len(cameras):
        raise CameraError(
            f"no Raspberry Pi camera {index}; libcamera sees {', '.join(cameras) or 'none'} "
            "(check the cable, try rpicam-hello)"
        )
    from picamera2 import Picamera2

    name = cameras[index]
    try:
        camera: Any = Picamera2(index)
    except (RuntimeError, OSError, IndexError) as error:
        # picamera2 says "did not complete", and the reason only in the cause
        raise CameraError(
            f"camera {name} cannot be opened: {error.__cause__ or error}; "
            "busy in another program? (sudo fuser -v /dev/media*)"
        ) from None
    try:
        try:
            camera.configure(
                camera.create_video_configuration(
                    # libcamera's "RGB888" is B, G, R in memory; "BGR888" is R, G, B.
                    main={"size": (request.width, request.height), "format": "BGR888"},
                    lores=_small_stream(request),
                    controls={"FrameRate": request.fps, **_focus(camera)},
                    **_full_view(camera, request),
                    buffer_count=4,
                    queue=False,
                )
            )
            camera.start()
        except (RuntimeError, OSError) as error:
            raise CameraError(f"camera {name} cannot be started: {error}") from None
        yield FrameSource(_frames(camera, name), continuous=True, fps=request.fps)
    finally:
        camera.close()


def _focus(camera: Any) -> dict[str, int]:
    """Ask a camera that can focus to go on doing so: as it starts, it would not move its lens."""
    return {"AfMode": AF_CONTINUOUS} if "AfMode" in camera.camera_controls else {}


def _full_view(camera: Any, request: CameraRequest) -> dict[str, Any]:
    """Choose the sensor's mode with half its pixels along each side, or more if asked for.

    Left to itself, libcamera takes for small pictures a mode that shows the middle alone. Of all
    modules of the Pi the mode of half size shows all that the sensor sees. Where it is too slow for
    the frames a second that are asked for, the choice stays with libcamera.
    """
    modes = [mode for mode in camera.sensor_modes if "size" in mode]  # a USB camera's have none
    if not modes:
        return {}
    largest = [max(mode["size"][axis] for mode in modes) for axis in (0, 1)]
    least = max(largest[0] // 2, request.width), max(largest[1] // 2, request.height)
    wide = [
        mode
        for mode in modes
        if mode["size"][0] >= least[0]
        and mode["size"][1] >= least[1]
        and mode.get("fps", request.fps) >= request.fps
    ]
    if not wide:
        return {}
    mode = min(wide, key=lambda mode: mode["size"][0] * mode["size"][1])
    depth = {"bit_depth": mode["bit_depth"]} if "bit_depth" in mode else {}
    return {"sensor": {"output_size": tuple(mode["size"]), **depth}}


def _small_stream(request: CameraRequest) -> dict[str, Any] | None:
    """Ask for a second stream; YUV420 is what the scaler of every board can give."""
    if request.width < SMALL_FROM_WIDTH:
        return None
    height = round(SMALL_WIDTH * request.height / request.width / 2) * 2
    return {"size": (SMALL_WIDTH, height), "format": "YUV420"}


def _frames(camera: Any, name: str) -> Iterator[Frame]:
    granted = camera.camera_configuration()  # what was asked for may have been adjusted
    index, first_ns = 0, None
    while True:
        try:
            request = camera.capture_request(wait=FRAME_WAIT_S)
        except TimeoutError:
            raise CameraTimeout(
                f"{name} gave no frame for {FRAME_WAIT_S:g} s after {index} frames"
            ) from None
        try:
            image = _picture(request, "main", granted)
            small = _picture(request, "lores", granted) if granted.get("lores") else None
            claimed_ns = int(request.get_metadata()["SensorTimestamp"])
        finally:
            request.release()
            del request  # kept, it would keep the camera that is opened next from giving frames
        sensor_ns = sensor_time_ns(claimed_ns, time.monotonic_ns())
        first_ns = sensor_ns if first_ns is None else first_ns
        time_s = (sensor_ns - first_ns) / 1e9
        yield Frame(index, name, time_s, image, sensor_ns=sensor_ns, small=small)
        index += 1


def _picture(request: Any, stream: str, granted: Mapping[str, Any]) -> Image:
    configuration = granted[stream]
    width, height = configuration["size"]
    return to_rgb(request.make_array(stream), str(configuration["format"]), (width, height))


def to_rgb(buffer: npt.NDArray[np.uint8], pixel_format: str, size: tuple[int, int]) -> Image:
    """Convert a stream's array to RGB uint8 (height, width, 3).

    Args:
        buffer: as ``make_array`` gives it; rows may be padded on the right.
        pixel_format: the name that the camera configuration reads back, not the one asked for.
        size: (width, height) of the picture.

    Raises:
        CameraError: a format that is not known here.
    """
    width, height = size
    if pixel_format in ("BGR888", "RGB888"):
        picture = buffer[:height, :width]
        rgb = picture if pixel_format == "BGR888" else picture[..., ::-1]
    elif pixel_format in ("XBGR8888", "XRGB8888"):
        picture = buffer[:height, :width, :3]
        rgb = picture if pixel_format == "XBGR8888" else picture[..., ::-1]
    elif pixel_format in ("YUV420", "NV12"):
        code = cv2.COLOR_YUV2RGB_I420 if pixel_format == "YUV420" else cv2.COLOR_YUV2RGB_NV12
        rgb = np.asarray(cv2.cvtColor(np.ascontiguousarray(buffer), code), np.uint8)
        rgb = rgb[:height, :width]
    else:
        raise CameraError(f"the camera gives {pixel_format}, expected RGB888, YUV420 or NV12")
    return np.ascontiguousarray(rgb, np.uint8)


def picamera_names() -> tuple[str, ...] | None:
    """Return the models of all CSI cameras, or None where picamera2 is not installed."""
    try:
        from picamera2 import Picamera2
    except ImportError:
        return None
    return tuple(str(info["Model"]) for info in Picamera2.global_camera_info())
