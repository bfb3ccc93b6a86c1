"""Landmarks drawn into pictures, and the video or picture that they are written to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import cv2
import numpy as np

from edge.camera import FrameSource
from edge.camera.files import VIDEO_SUFFIXES
from edge.pipeline import Face
from landmarks.errors import PictureError, UsageError
from landmarks.files import atomic_write, refuse_overwrite
from landmarks.pictures import SUFFIXES, write_picture
from landmarks.types import Image

POINT_RGB = (80, 255, 120)
BOX_RGB = (255, 180, 40)
STILLS_FPS = 2.0  # a folder of pictures as a video: slow enough to look at
SUBPIXEL_BITS = 4
Draw = Callable[[Image, tuple[Face, ...]], None]


def draw_faces(image: Image, faces: tuple[Face, ...]) -> Image:
    """Return a copy of an RGB image with boxes and points, dots sized to each face."""
    canvas = image.copy()
    one = 1 << SUBPIXEL_BITS
    for face in faces:
        radius = max(1.0, face.box.width / 110)
        corners = np.array([[face.box.x0, face.box.y0], [face.box.x1, face.box.y1]])
        (x0, y0), (x1, y1) = np.rint(corners).astype(int).tolist()
        cv2.rectangle(canvas, (x0, y0), (x1, y1), BOX_RGB, 1, cv2.LINE_AA)
        for x, y in np.rint(face.points_frame * one).astype(int).tolist():
            cv2.circle(canvas, (x, y), int(radius * one), POINT_RGB, -1, cv2.LINE_AA, SUBPIXEL_BITS)
    return canvas


@contextmanager
def open_annotator(path: Path, source: FrameSource, *, force: bool) -> Iterator[Draw]:
    """Open a picture or a video for annotated frames; it is in place when the block ends.

    Args:
        path: ``.mp4`` and the like for a video, ``.jpg`` and the like for one picture (the last
            frame).
        source: gives the frame rate.
        force: replace an existing file.

    Raises:
        UsageError: neither a video nor a picture by its suffix.
    """
    suffix = path.suffix.lower()
    if suffix in SUFFIXES:
        yield from _annotate_picture(path, force=force)
    elif suffix in VIDEO_SUFFIXES:
        yield from _annotate_video(path, source.fps or STILLS_FPS, force=force)
    else:
        raise UsageError(
            f"--annotate {path}: expected a picture ({' '.join(SUFFIXES)}) or a video "
            f"({' '.join(VIDEO_SUFFIXES)})"
        )


def _annotate_picture(path: Path, *, force: bool) -> Iterator[Draw]:
    refuse_overwrite(path, force=force)
    canvas: list[Image] = []

    def draw(image: Image, faces: tuple[Face, ...]) -> None:
        canvas[:] = [draw_faces(image, faces)]

    yield draw
    if canvas:
        write_picture(path, canvas[0], force=force)


def _annotate_video(path: Path, fps: float, *, force: bool) -> Iterator[Draw]:
    refuse_overwrite(path, force=force)
    writer = cv2.VideoWriter()
    size: list[tuple[int, int]] = []
    with ExitStack() as stack:

        def draw(image: Image, faces: tuple[Face, ...]) -> None:
            canvas = draw_faces(image, faces)
            if not size:  # the first frame decides; others are fitted into it
                size.append((canvas.shape[1] // 2 * 2, canvas.shape[0] // 2 * 2))
                temporary = stack.enter_context(atomic_write(path, force=force))
                stack.callback(writer.release)
                fourcc = cv2.VideoWriter.fourcc(*("MJPG" if path.suffix == ".avi" else "mp4v"))
                if not writer.open(str(temporary), fourcc, fps, size[0]):
                    raise PictureError(f"{path}: OpenCV cannot write this kind of video, try .mp4")
            writer.write(cv2.cvtColor(_fit(canvas, size[0]), cv2.COLOR_RGB2BGR))

        yield draw


def _fit(image: Image, size: tuple[int, int]) -> Image:
    """Scale an image into (width, height) without distortion, black around it."""
    width, height = size
    if image.shape[:2] == (height, width):
        return image
    zoom = min(width / image.shape[1], height / image.shape[0])
    small = cv2.resize(image, (int(image.shape[1] * zoom), int(image.shape[0] * zoom)))
    canvas = np.zeros((height, width, 3), np.uint8)
    y, x = (height - small.shape[0]) // 2, (width - small.shape[1]) // 2
    canvas[y : y + small.shape[0], x : x + small.shape[1]] = small
    return canvas
