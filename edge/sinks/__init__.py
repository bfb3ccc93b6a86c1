"""Where results go: lines of text, pictures, a broker, a folder, a page. Each is a ``Sink``."""

from __future__ import annotations

from typing import Protocol

from edge.result import Event, FrameResult


class Sink(Protocol):
    """Anything that takes results; opening one is a context manager that closes it at the end."""

    def write(self, result: FrameResult) -> None:
        """Take one frame. It must not keep ``result.frame.image``: the next frame may reuse it."""
        ...

    def event(self, event: Event) -> None:
        """Take an event."""
        ...
