"""A live camera that may be lost, freeze or hang, watched over and opened again.

Wraps any live source. It is lost when it gives no frame for ``stall_s``, gives the very same
picture ``frozen_frames`` times, or fails; then it is opened again after 1, 2, 4 .. 30 s. A camera
that cannot be opened at the start is an error and not waited for.
"""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

import cv2

from edge.camera.capture import OpenCamera, Reader
from edge.stream import TICK_S, Event, Item, Taken, ticks
from landmarks.errors import CameraError, CameraTimeout

# What the libraries below raise when hardware fails; anything else is a mistake of ours.
_LOSSES = (CameraError, OSError, RuntimeError, cv2.error)


@dataclass(frozen=True)
class Patience:
    """How long to wait for a camera.

    Attributes:
        open_s: for the first frame after opening.
        stall_s: for any frame after that.
        frozen_frames: identical pictures in a row that are no coincidence.
        backoff_s: before the first attempt to open it again, doubled each time up to
            ``longest_backoff_s``.
        release_s: for closing it; a thread that takes longer is left behind.
        stuck_readers: threads that may hang in the driver; with more of them only a new process
            helps.
        attempts_while_stuck: to open it again while such a thread may still hold it; after them
            only a new process helps.
    """

    open_s: float = 5.0
    stall_s: float = 2.0
    frozen_frames: int = 60
    backoff_s: float = 1.0
    longest_backoff_s: float = 30.0
    release_s: float = 1.0
    stuck_readers: int = 3
    attempts_while_stuck: int = 6


class Watch:
    """One camera over time; ``items`` gives its frames and what happened to it.

    Attributes:
        fps: what the camera says it gives.
    """

    def __init__(self, open_camera: OpenCamera, patience: Patience) -> None:
        """Open the camera and wait for its first frame.

        Raises:
            CameraError: it cannot be opened, or gives no frame in time.
        """
        self._open_camera, self._patience = open_camera, patience
        self._stuck: list[Reader] = []
        self._backoff_s = patience.backoff_s
        self._index = 0  # of the next frame
        self._index_offset = 0
        self._first_ns: int | None = None
        self._reader = Reader(open_camera)
        try:
            self._first = self._await_first()
        except BaseException:
            self.close()
            raise
        self.fps = self._reader.fps

    def items(self) -> Iterator[Item]:
        """Give frames, events, and None whenever nothing came for ``TICK_S``; never ends by itself.

        Frame numbers and times go on over a loss.

        Raises:
            CameraTimeout: too many threads hang in the driver.
        """
        yield self._numbered(self._first)
        while True:
            lost = yield from self._follow()
            yield Event("camera_lost", time.monotonic_ns(), lost)
            self._release()
            attempts = yield from self._reopen()
            yield Event("camera_back", time.monotonic_ns(), f"opened at attempt {attempts}")
            yield self._numbered(self._first)

    def close(self) -> None:
        """Let go of the camera; a thread that hangs is left to the end of the process."""
        self._reader.release(self._patience.release_s)

    def _follow(self) -> Generator[Item, None, str]:
        """Give frames until the camera is lost; return why."""
        last = time.monotonic()
        while True:
            try:
                taken = self._reader.take(TICK_S)
            except _LOSSES as error:
                return " ".join(str(error).split()) or type(error).__name__
            now = time.monotonic()
            if taken is None:
                if now - last >= self._patience.stall_s:
                    return f"no frame for {self._patience.stall_s:g} s"
                yield None
                continue
            last = now
            if self._reader.same_frames >= self._patience.frozen_frames:
                return f"the same picture {self._patience.frozen_frames} times: it is frozen"
            if self._reader.same_frames == 1:  # a picture that changes: it is really back
                self._backoff_s = self._patience.backoff_s
            yield self._numbered(taken)

    def _reopen(self) -> Generator[Item, None, int]:
        """Wait and try until the camera gives a frame; return how many attempts it took."""
        attempts = 0
        while True:
            yield from ticks(self._backoff_s)
            self._backoff_s = min(2 * self._backoff_s, self._patience.longest_backoff_s)
            attempts += 1
            self._reader = Reader(self._open_camera)
            try:
                self._first = yield from self._first_frame()
            except _LOSSES:
                self._release()
                if attempts >= self._patience.attempts_while_stuck:
                    self._give_up_beyond(0)
                continue
            self._index_offset = self._index
            return attempts

    def _await_first(self) -> Taken:
        waiting = self._first_frame()
        while True:
            try:
                next(waiting)
            except StopIteration as done:
                assert isinstance(done.value, Taken)
                return done.value

    def _first_frame(self) -> Generator[Item, None, Taken]:
        deadline = time.monotonic() + self._patience.open_s
        while time.monotonic() < deadline:
            taken = self._reader.take(TICK_S)
            if taken is not None:
                return taken
            yield None
        raise CameraTimeout(
            f"the camera gave no frame within {self._patience.open_s:g} s of opening: check the "
            "cable, plug it in again, or ask edge-doctor"
        )

    def _release(self) -> None:
        if not self._reader.release(self._patience.release_s):
            self._stuck.append(self._reader)
        self._give_up_beyond(self._patience.stuck_readers)

    def _give_up_beyond(self, readers: int) -> None:
        """End the run if more threads than these hang in the driver."""
        self._stuck = [reader for reader in self._stuck if reader.alive]
        if len(self._stuck) > readers:
            raise CameraTimeout(
                f"the camera's driver hangs ({len(self._stuck)} attempts never came back): start "
                "the program again; as a service it is started again by itself"
            )

    def _numbered(self, taken: Taken) -> Taken:
        """Return a frame with number and time counted from the start of the run."""
        frame = taken.frame
        index = self._index_offset + frame.index
        self._index = index + 1
        if frame.sensor_ns is None:
            return replace(taken, frame=replace(frame, index=index))
        if self._first_ns is None:
            self._first_ns = frame.sensor_ns
        time_s = (frame.sensor_ns - self._first_ns) / 1e9
        return replace(taken, frame=replace(frame, index=index, time_s=time_s))


@contextmanager
def watched(open_camera: OpenCamera, patience: Patience = Patience()) -> Iterator[Watch]:
    """Open a camera that is watched over.

    Raises:
        CameraError: it cannot be opened, or gives no frame in time.
    """
    watch = Watch(open_camera, patience)
    try:
        yield watch
    finally:
        watch.close()
