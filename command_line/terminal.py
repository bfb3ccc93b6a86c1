"""What stands between a program and the terminal: no message can steer it or fake another one.

Names of files, options and cards are somebody else's text, and addresses may hold passwords, which
stay in a journal for long. Whatever goes to standard error passes ``EscapedStream``, so that no
print in the project has to remember it.
"""

from __future__ import annotations

import io
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TextIO, cast

from landmarks.shown import one_line, printable, without_passwords


class EscapedStream:
    """A text stream that spells control characters out and hides passwords of addresses.

    Line ends and tabs pass.
    """

    def __init__(self, stream: TextIO) -> None:
        """Wrap a stream."""
        self._stream = stream

    def write(self, text: str) -> int:
        """Write text as a terminal may see it."""
        self._stream.write(without_passwords(printable(text)))
        return len(text)

    def __getattr__(self, name: str) -> Any:
        """Hand on everything else."""
        return getattr(self._stream, name)


class OneLineFormatter(logging.Formatter):
    """A record of a log as one line, whatever names are in it."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the message."""
        return one_line(super().format(record))


@contextmanager
def guarded_streams() -> Iterator[None]:
    """Escape what goes to standard error, and let standard output take any name of a file.

    A name that is no UTF-8 leaves as the bytes that it came as; where the terminal has another
    encoding, what it lacks is spelled out.
    """
    before = sys.stderr
    if isinstance(sys.stdout, io.TextIOWrapper):
        utf8 = sys.stdout.encoding.lower().replace("-", "") == "utf8"
        sys.stdout.reconfigure(errors="surrogateescape" if utf8 else "backslashreplace")
    sys.stderr = cast(TextIO, EscapedStream(before))
    try:
        yield
    finally:
        sys.stderr = before
