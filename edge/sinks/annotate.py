"""Landmarks drawn into pictures, and the video or picture that they are written to."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import cv2
import numpy as np

from edge.camera.files import VIDEO_SUFFIXES
from edge.camera.opencv_log import quieten_decoders
from edge.sinks import Sink
from edge.stream import Event, Face, FrameResult
from landmarks.errors import LandmarkError, PictureError, UsageError
from landmarks.files import atomic_write, refuse_overwrite
from landmarks.pictures import SUFFIXES, write_picture
from landmarks.types import Image

POINT_RGB = (80, 255, 120)
BOX_RGB = (255, 180, 40)
STILLS_FPS = 2.0  # a folder of pictures as a video: slow enough to look at
SUBPIXEL_BITS = 4


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
def open_annotator(path: Path, fps: float | None, *, force: bool) -> Iterator[Sink]:
    """Open a picture or a video for annotated frames; it is in place when the block ends.

    Args:
        path: ``.mp4`` and the like for a video, ``.jpg`` and the like for one picture (the last
            frame).
        fps: of the video; None for a few pictures a second.
        force: replace an existing file.

    Raises:
        UsageError: neither a video nor a picture by its suffix.
    """
    suffix = path.suffix.lower()
    if suffix not in (*SUFFIXES, *VIDEO_SUFFIXES):
        raise UsageError(
            f"--annotate {path}: expected a picture ({' '.join(SUFFIXES)}) or a video "
            f"({' '.join(VIDEO_SUFFIXES)})"
        )
    refuse_overwrite(path, force=force)
    if suffix in SUFFIXES:
        picture = AnnotatedPicture()
        yield picture
        if picture.canvas is not None:
            write_picture(path, picture.canvas, force=force)
        return
    with ExitStack() as stack:
        yield AnnotatedVideo(path, fps or STILLS_FPS, stack, force=force)


class AnnotatedPicture:
    """Keeps the last frame, drawn."""

    def __init__(self) -> None:
        """Start without a frame."""
        self.canvas: Image | None = None

    def write(self, result: FrameResult) -> None:
        """Draw a frame; one that could not be read is passed over."""
        if result.frame.image is not None:
            self.canvas = draw_faces(result.frame.image, result.faces)

    def event(self, event: Event) -> None:
        """Show no events."""


class AnnotatedVideo:
    """Draws frame after frame into a video, which is opened with the first one."""

    def __init__(self, path: Path, fps: float, stack: ExitStack, *, force: bool) -> None:
        """Get ready; ``stack`` closes the file and puts it in place."""
        self._path, self._fps, self._stack, self._force = path, fps, stack, force
        self._writer, self._n_frames = cv2.VideoWriter(), 0
        self._size: tuple[int, int] | None = None  # (width, height) of the video

    def write(self, result: FrameResult) -> None:
        """Draw a frame; one that could not be read is passed over."""
        if result.frame.image is None:
            return
        canvas = draw_faces(result.frame.image, result.faces)
        if self._size is None:  # the first frame decides; others are fitted into it
            self._size = (canvas.shape[1] // 2 * 2, canvas.shape[0] // 2 * 2)
            self._open(self._size)
        self._writer.write(cv2.cvtColor(_fit(canvas, self._size), cv2.COLOR_RGB2BGR))
        self._n_frames += 1

    def event(self, event: Event) -> None:
        """Show no events."""

    def _open(self, size: tuple[int, int]) -> None:
        temporary = self._stack.enter_context(atomic_write(self._path, force=self._force))
        self._stack.callback(self._finish, temporary)
        fourcc = cv2.VideoWriter.fourcc(*("MJPG" if self._path.suffix == ".avi" else "mp4v"))
        if not self._writer.open(str(temporary), fourcc, self._fps, size):
            raise PictureError(f"{self._path}: OpenCV cannot write this kind of video, try .mp4")

    def _finish(self, temporary: Path) -> None:
        """Close the file; OpenCV says nothing of a full disk, so count what is in it."""
        self._writer.release()
        quieten_decoders()
        video = cv2.VideoCapture(str(temporary), cv2.CAP_FFMPEG)
        n_whole = max(0, int(video.get(cv2.CAP_PROP_FRAME_COUNT)))
        video.release()
        if n_whole != self._n_frames:
            raise LandmarkError(
                f"--annotate {self._path}: the file holds {n_whole} of {self._n_frames} frames and "
                "is not kept: is the disk full?"
            )


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
