"""``--output``: where lines of text go, and what becomes of the file if the run is cut short."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from edge.sinks.named import closed_at_the_end
from landmarks.files import atomic_write, refuse_overwrite

STDOUT = "-"
ANY_NAME = "surrogateescape"  # a name that is no UTF-8 is written as the bytes that it is


@contextmanager
def open_whole(output: str, *, force: bool) -> Iterator[TextIO]:
    """Open standard output, or a file that is in place once everything is in it.

    Raises:
        OutputExistsError: the file exists and ``force`` is not set.
    """
    if output == STDOUT:
        yield sys.stdout
    elif _is_device(output):
        with closed_at_the_end(open(output, "w", encoding="utf-8", errors=ANY_NAME)) as stream:
            yield stream
    else:
        with (
            atomic_write(output, force=force) as temporary,
            closed_at_the_end(temporary.open("w", encoding="utf-8", errors=ANY_NAME)) as stream,
        ):
            yield stream


@contextmanager
def open_growing(output: str, *, force: bool) -> Iterator[TextIO]:
    """Open standard output, or a file that grows line by line, for runs that have no end.

    Standard output is opened a second time: the interpreter flushes its own one at exit, and would
    hang there if a thread were still waiting for a reader who does not read.

    Raises:
        OutputExistsError: the file exists and ``force`` is not set.
    """
    if output == STDOUT:
        stream = os.fdopen(os.dup(1), "w", encoding="utf-8", errors=ANY_NAME)
    else:
        if not _is_device(output):
            refuse_overwrite(Path(output), force=force)
            Path(output).parent.mkdir(parents=True, exist_ok=True)
        stream = open(output, "w", encoding="utf-8", errors=ANY_NAME)
    with closed_at_the_end(stream):
        yield stream


def _is_device(output: str) -> bool:
    """Say whether it is a pipe, a terminal or ``/dev/null``, which must not be replaced."""
    path = Path(output)
    return path.exists() and not path.is_file()
