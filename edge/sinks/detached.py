"""A sink served by a thread of its own: a reader, a disk or an encoder that is slow costs frames.

Nothing here waits for the sink, so that a camera never does: what it has no room for is dropped
and counted. Its errors are raised at the next write.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager

from edge.sinks import Lossy, Sink
from edge.sinks.named import errors_named
from edge.stream import Event, FrameResult

ROOM = 16  # frames that wait; with their pictures, some 15 MB at 640 x 480
ROOM_FOR_EVENTS = 256
DRAIN_S = 2.0


class Detached:
    """A sink behind a short queue.

    Attributes:
        name: what the user calls it.
    """

    def __init__(self, sink: Sink, name: str) -> None:
        """Start the thread."""
        self.name = name
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
        """Raise what the sink has raised, if anything."""
        if self._error is not None:
            with errors_named(self.name):
                raise self._error

    def _hand_over(self, item: FrameResult | Event, room: int) -> None:
        self.raise_error()
        with self._changed:
            if len(self._waiting) < room:
                self._waiting.append(item)
                self._changed.notify()
            else:
                self._overflowed += isinstance(item, FrameResult)

    def _serve(self) -> None:
        try:
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
        except Exception as error:
            self._error = error


@contextmanager
def detached(opening: AbstractContextManager[Sink], name: str) -> Iterator[Detached]:
    """Open a sink and serve it from a thread of its own; close it when the block ends.

    A sink that is stuck is given ``DRAIN_S`` and then left as it is: closing it while its thread is
    inside of it could crash.

    Args:
        opening: the sink; opened here, so that its errors come at once.
        name: what the user calls it.
    """
    with ExitStack() as stack:
        sink = Detached(stack.enter_context(opening), name)
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
