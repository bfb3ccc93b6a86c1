"""A thread that reads a live source and keeps its newest frame: what was not taken is dropped.

Drivers may block for ever, when opened, read or closed. All three happen in the thread, so that
one that is stuck can be left behind.
"""

from __future__ import annotations

import threading
import zlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

from edge.stream import TICK_S, Frame, FrameSource, Item, Taken
from landmarks.errors import CameraTimeout
from landmarks.types import Image

OpenCamera = Callable[[], AbstractContextManager[FrameSource]]
FINGERPRINT_ROWS = 8  # every eighth row: sensor noise makes any row of two pictures differ


class Reader:
    """Opens a camera and reads it in a thread of its own, until it is released.

    Attributes:
        fps: what the camera says it gives; None until it is open.
        same_frames: how many frames in a row, up to the newest, showed the very same picture.
        ended: the source has no more frames, and nothing went wrong.
    """

    def __init__(self, open_camera: OpenCamera) -> None:
        """Start the thread; it opens the camera."""
        self.fps: float | None = None
        self.same_frames = 0
        self.ended = False
        self._open_camera = open_camera
        self._changed = threading.Condition()
        self._newest: Frame | None = None
        self._dropped = 0
        self._error: BaseException | None = None
        self._released = False
        self._thread = threading.Thread(target=self._read, name="capture", daemon=True)
        self._thread.start()

    @property
    def alive(self) -> bool:
        """Whether the thread is still there, reading or stuck."""
        return self._thread.is_alive()

    def take(self, timeout_s: float) -> Taken | None:
        """Return the newest frame if it was not taken yet; wait for one; None if none came.

        Raises:
            CameraError: the camera cannot be opened, or stopped; any other error of the source
                comes through as it is.
        """
        with self._changed:
            if not self._changed.wait_for(self._has_news, timeout_s):
                return None
            if self._newest is None:
                assert self._error is not None
                raise self._error
            taken = Taken(self._newest, self._dropped)
            self._newest, self._dropped = None, 0
            return taken

    def release(self, timeout_s: float) -> bool:
        """Ask the thread to close the camera; say whether it has ended in time."""
        self._released = True
        self._thread.join(timeout_s)
        return not self.alive

    def _has_news(self) -> bool:
        return self._newest is not None or self._error is not None

    def _read(self) -> None:
        error: BaseException = CameraTimeout("the camera gives no more frames")
        try:
            with self._open_camera() as source:
                self.fps = source.fps
                before = None
                for frame in source.frames:
                    if self._released:
                        return
                    seen = _fingerprint(frame.image)
                    self.same_frames = self.same_frames + 1 if seen == before else 1
                    before = seen
                    self._offer(frame)
            self.ended = True
        except Exception as raised:  # of whatever kind, it is raised where frames are taken
            error = raised
        finally:
            with self._changed:
                self._error = error
                self._changed.notify_all()

    def _offer(self, frame: Frame) -> None:
        with self._changed:
            self._dropped += self._newest is not None
            self._newest = frame
            self._changed.notify_all()


@contextmanager
def newest(open_source: OpenCamera, *, release_s: float) -> Iterator[Iterator[Item]]:
    """Read a source that has an end in a thread; give its newest frames until that end.

    Args:
        open_source: opens it.
        release_s: for closing it; a thread that takes longer is left behind, and if it decodes just
            as the process ends, it can bring that down.

    Yields:
        Frames, and None whenever none came for ``TICK_S``.
    """
    reader = Reader(open_source)
    try:
        yield _until_the_end(reader)
    finally:
        reader.release(release_s)


def _until_the_end(reader: Reader) -> Iterator[Item]:
    while True:
        try:
            yield reader.take(TICK_S)
        except CameraTimeout:
            if reader.ended:
                return
            raise


def _fingerprint(image: Image | None) -> int | None:
    return None if image is None else zlib.crc32(image[::FINGERPRINT_ROWS].tobytes())
