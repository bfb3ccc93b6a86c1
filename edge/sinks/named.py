"""Errors that say once which output failed: those of the system often name no file."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from typing import Protocol, TypeVar

from edge.sinks import Lossy, Sink
from edge.stream import Event, FrameResult
from landmarks.errors import LandmarkError


class Closable(Protocol):
    """Anything with an end."""

    def close(self) -> None:
        """End it."""
        ...


C = TypeVar("C", bound=Closable)


@contextmanager
def closed_at_the_end(file: C) -> Iterator[C]:
    """Close a file; after a failure, what it could not write fails again, and that is no news."""
    try:
        yield file
    except BaseException:
        with suppress(OSError):
            file.close()
        raise
    file.close()


@contextmanager
def errors_named(name: str) -> Iterator[None]:
    """Put a name before what the system says; a reader who closed the pipe is no error of ours."""
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        place = f"{error.filename}: " if error.filename else ""
        raise LandmarkError(f"{name}: {place}{error.strerror or error}") from None


class Named:
    """A sink whose errors say what the user calls it.

    Attributes:
        name: that.
    """

    def __init__(self, sink: Sink, name: str) -> None:
        """Wrap an open sink."""
        self.name, self._sink = name, sink

    @property
    def dropped(self) -> int:
        """Frames that the sink dropped."""
        return self._sink.dropped if isinstance(self._sink, Lossy) else 0

    def write(self, result: FrameResult) -> None:
        """Hand on a frame."""
        with errors_named(self.name):
            self._sink.write(result)

    def event(self, event: Event) -> None:
        """Hand on an event."""
        with errors_named(self.name):
            self._sink.event(event)


@contextmanager
def named(opening: AbstractContextManager[Sink], name: str) -> Iterator[Named]:
    """Open a sink under its name."""
    with ExitStack() as stack:
        with errors_named(name):
            sink = stack.enter_context(opening)
        yield Named(sink, name)
