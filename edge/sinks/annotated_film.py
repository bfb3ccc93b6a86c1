"""A film of annotated frames that lasts as long as what it shows.

OpenCV writes films of one constant rate, and frames come when they come: the film shows each one
until the next, by their time stamps, whatever rate the source claims.
"""

from __future__ import annotations

import tempfile
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType

import cv2
import numpy as np

from edge.camera.opencv_log import quieten_decoders
from edge.sinks.drawing import Look, draw_faces
from edge.stream import Event, FrameResult
from landmarks.errors import LandmarkError, PictureError
from landmarks.files import atomic_write
from landmarks.types import Image

SUFFIXES = (".mp4", ".avi", ".mov", ".mkv", ".m4v", ".webm")
STILLS_FPS = 2.0  # a folder of pictures as a film: slow enough to look at
USUAL_FPS = 30.0
LEAST_FPS, MOST_FPS = 10.0, 60.0  # other rates are those of films whose frames come unevenly
AHEAD_S = 0.25  # so much longer than the run may a film get by frames that come too fast for it
LEAST_SIDE, LONGEST_SIDE = 16, 4096  # of the film: MJPEG crashes at 2, MPEG-4 ends at 8191
ROOM_EVERY = 50  # frames of the film
ROOM_BYTES = 1 << 16
_CODECS = {".avi": "MJPG", ".webm": "VP80"}


def film_fps(fps: float | None, *, continuous: bool) -> float:
    """Return the rate to write a film with.

    Args:
        fps: of the source, if it says one.
        continuous: of the source; else each picture is shown equally long.
    """
    if not continuous:
        return STILLS_FPS
    return fps if fps is not None and LEAST_FPS <= fps <= MOST_FPS else USUAL_FPS


class AnnotatedFilm:
    """Draws frame after frame into a film, which is opened with the first one."""

    def __init__(
        self, path: Path, fps: float, look: Look, stack: ExitStack, *, force: bool
    ) -> None:
        """Get ready; ``stack`` closes the file and puts it in place."""
        self._path, self._fps, self._look = path, fps, look
        self._stack, self._force = stack, force
        self._writer, self._n_written = cv2.VideoWriter(), 0
        self._shown: Image | None = None  # the newest frame; how long it stays is not known yet
        self._skipped_s: float | None = 0.0  # without a camera; None: it has just come back

    def write(self, result: FrameResult) -> None:
        """Draw a frame; one that could not be read leaves the one before it where it is.

        Raises:
            OSError: the disk is full.
        """
        if result.frame.image is None:
            return
        canvas = draw_faces(result.frame.image, result.faces, self._look)
        if self._shown is None:  # the first frame decides the size; others are fitted into it
            self._size = film_size(canvas)
            self._open(self._size)
        else:
            self._show_until(result.frame.time_s)
        self._shown = canvas

    def event(self, event: Event) -> None:
        """Leave out of the film the time without a camera."""
        if event.kind == "camera_lost":
            self._skipped_s = None

    def _show_until(self, time_s: float | None) -> None:
        """Write the newest frame for as long as it was there; one that is too short, not at all."""
        next_s = (self._n_written + 1) / self._fps
        if time_s is None:
            return self._append(1)
        if self._skipped_s is None:
            self._skipped_s = time_s - next_s
        lacking = round((time_s - self._skipped_s - self._n_written / self._fps) * self._fps)
        self._append(max(lacking, 1 if lacking > -AHEAD_S * self._fps else 0))

    def _append(self, times: int) -> None:
        assert self._shown is not None
        bgr = cv2.cvtColor(fit(self._shown, self._size), cv2.COLOR_RGB2BGR)
        for _ in range(times):
            if self._n_written % ROOM_EVERY == 0:
                check_room(self._path.parent)
            self._writer.write(bgr)
            self._n_written += 1

    def _open(self, size: tuple[int, int]) -> None:
        temporary = self._stack.enter_context(atomic_write(self._path, force=self._force))
        suffix = self._path.suffix.lower()
        fourcc = cv2.VideoWriter.fourcc(*_CODECS.get(suffix, "mp4v"))
        quieten_decoders()
        if not self._writer.open(str(temporary), cv2.CAP_FFMPEG, fourcc, self._fps, size):
            raise PictureError(f"{self._path}: OpenCV cannot write this kind of film, try .mp4")

        def close(
            failure: type[BaseException] | None, _: BaseException | None, __: TracebackType | None
        ) -> None:
            if failure is None:
                self._append(1)
            self._writer.release()
            if failure is None:
                self._check(temporary)

        self._stack.push(close)

    def _check(self, temporary: Path) -> None:
        """Count what is in the file: OpenCV does not say when it could not be written."""
        film = cv2.VideoCapture(str(temporary), cv2.CAP_FFMPEG)
        n_whole = max(0, int(film.get(cv2.CAP_PROP_FRAME_COUNT)))
        film.release()
        if n_whole != self._n_written:
            raise LandmarkError(
                f"--annotate {self._path}: the file holds {n_whole} of {self._n_written} frames "
                "and is not kept: is the disk full?"
            )


def check_room(folder: Path) -> None:
    """Raise OSError if a folder has no room for a little more: OpenCV would write on in silence."""
    with tempfile.TemporaryFile(dir=folder) as probe:
        probe.write(bytes(ROOM_BYTES))


def film_size(image: Image) -> tuple[int, int]:
    """Return the (width, height) of a film of such pictures: even, within what encoders take."""
    height, width = image.shape[:2]
    zoom = min(1.0, LONGEST_SIDE / max(width, height))
    even = (int(side * zoom) // 2 * 2 for side in (width, height))
    film_width, film_height = (max(LEAST_SIDE, side) for side in even)
    return film_width, film_height


def fit(image: Image, size: tuple[int, int]) -> Image:
    """Scale an image into (width, height) without distortion, black around it."""
    width, height = size
    if image.shape[:2] == (height, width):
        return image
    zoom = min(width / image.shape[1], height / image.shape[0])
    scaled = max(1, int(image.shape[1] * zoom)), max(1, int(image.shape[0] * zoom))
    small = cv2.resize(image, scaled, interpolation=cv2.INTER_AREA)
    canvas = np.zeros((height, width, 3), np.uint8)
    y, x = (height - small.shape[0]) // 2, (width - small.shape[1]) // 2
    canvas[y : y + small.shape[0], x : x + small.shape[1]] = small
    return canvas
