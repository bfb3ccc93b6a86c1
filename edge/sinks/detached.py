"""A sink served by a thread of its own: a reader, a disk or an encoder that is slow costs frames.

Nothing here waits for the sink, so that a camera never does: what it has no room for is dropped
and counted. A sink that fails (a full disk, a stick that was pulled out) gets no more frames, as is
said once, and the run goes on without it. Other errors are raised at the next write: a reader who
has seen enough ends the run, and a fault of the program is no secret.
"""

from __future__ import annotations

import sys
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress

from edge.sinks import Lossy, Sink
from edge.sinks.named import errors_named
from edge.stream import Event, FrameResult
from landmarks.errors import LandmarkError

ROOM = 16  # frames that wait; with their pictures, some 15 MB at 640 x 480
ROOM_FOR_EVENTS = 256
DRAIN_S = 2.0


class Detached:
    """A sink behind a short queue.

    Attributes:
        name: what the user calls it.
        failure: why it takes no more frames; None while it does.
    """

    def __init__(self, sink: Sink, name: str) -> None:
        """Start the thread."""
        self.name = name
        self.failure: str | None = None
        self._sink = sink
        self._overflowed = 0
        self._waiting: deque[FrameResult | Event] = deque()
        self._changed = threading.Condition()
        self._closing = False
        self._error: Exception | None = None
        self._thread = threading.Thread(target=self._serve, name=f"sink {name}", daemon=True)
        self._thread.start()
        self._kept: ExitStack | None = None

    @property
    def dropped(self) -> int:
        """Frames that there was no room for, here or in the sink itself."""
        return self._overflowed + (self._sink.dropped if isinstance(self._sink, Lossy) else 0)

    def write(self, result: FrameResult) -> None:
        """Hand over a frame, or drop it."""
        self._hand_over(result, ROOM)

    def event(self, event: Event) -> None:
        """Hand over an event."""
        self._hand_over(event, ROOM + ROOM_FOR_EVENTS)

    def finish(self, timeout_s: float) -> bool:
        """Wait for what is left to be written; say whether the thread has ended in time."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def keep(self, stack: ExitStack) -> None:
        """Hold on to what the thread still uses, for as long as it does."""
        self._kept = stack

    def raise_error(self) -> None:
        """Raise what the sink has raised, unless that was a failure."""
        if self._error is not None:
            raise self._error

    def _hand_over(self, item: FrameResult | Event, room: int) -> None:
        self.raise_error()
        with self._changed:
            if self.failure is None and len(self._waiting) < room:
                self._waiting.append(item)
                self._changed.notify()
            else:
                self._overflowed += isinstance(item, FrameResult)

    def _serve(self) -> None:
        try:
            with errors_named(self.name):
                self._hand_on()
        except LandmarkError as error:
            self._fail(str(error))
        except Exception as error:
            self._error = error

    def _fail(self, why: str) -> None:
        with self._changed:
            self.failure = why
            self._overflowed += sum(isinstance(item, FrameResult) for item in self._waiting)
            self._waiting.clear()
        print(f"warning: {why}; it gets no more frames", file=sys.stderr)

    def _hand_on(self) -> None:
        """Give the sink what waits for it, until the end."""
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting or self._closing)
                if not self._waiting:
                    return
                item = self._waiting.popleft()
            if isinstance(item, Event):
                self._sink.event(item)
            else:
                self._sink.write(item)
            del item  # its picture is not kept while waiting


class _Failed(Exception):
    """Tells a sink that is being closed that it has failed."""


@contextmanager
def detached(opening: AbstractContextManager[Sink], name: str) -> Iterator[Detached]:
    """Open a sink and serve it from a thread of its own; close it when the block ends.

    A sink that is stuck is given ``DRAIN_S`` and then left as it is: closing it while its thread is
    inside of it could crash.

    Args:
        opening: the sink; opened here, so that its errors come at once.
        name: what the user calls it.
    """
    with suppress(_Failed), ExitStack() as stack:
        with errors_named(name):
            inner = stack.enter_context(opening)
        sink = Detached(inner, name)
        ended = False
        try:
            try:
                yield sink
            finally:
                ended = sink.finish(DRAIN_S)
        finally:  # whatever interrupted the wait
            if not ended:
                sink.keep(stack.pop_all())
        sink.raise_error()
        if sink.failure is not None:
            raise _Failed  # so that it closes as after an error, whose repetition is no news
