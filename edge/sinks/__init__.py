"""Where results go: lines of text, pictures, a broker, a folder, a page. Each is a ``Sink``."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from edge.stream import Event, FrameResult


class Sink(Protocol):
    """Anything that takes results; opening one is a context manager that closes it at the end."""

    def write(self, result: FrameResult) -> None:
        """Take one frame; its picture may be kept, and must not be written to."""
        ...

    def event(self, event: Event) -> None:
        """Take an event."""
        ...


@runtime_checkable
class Lossy(Protocol):
    """A sink that would rather drop frames than wait, and counts them."""

    @property
    def name(self) -> str:
        """What the user calls it."""
        ...

    @property
    def dropped(self) -> int:
        """Frames that it dropped so far."""
        ...


@runtime_checkable
class Output(Protocol):
    """A sink whose failure does not end a live run, as long as another one still takes frames."""

    @property
    def failure(self) -> str | None:
        """Why it takes no more frames, in one line; None while it does."""
        ...
