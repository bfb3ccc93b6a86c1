"""Reading a file into memory: a regular file, and never more of it than its kind can need.

A name may lead to anything: a device that never ends, a pipe that nobody writes to, a file that
fills the memory. All of them are refused here, before a byte is read.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

from landmarks.errors import LandmarkError

# A list of labels, a table of settings, a description of a folder; WFLW's longest list has 18 MB.
MOST_TEXT_BYTES = 64 << 20
_KINDS = {
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
    stat.S_IFIFO: "a pipe",
    stat.S_IFSOCK: "a socket",
}


def read_whole(
    path: Path, *, what: str, most_bytes: int, error: type[LandmarkError], absent: str = ""
) -> bytes:
    """Return the content of a regular file, or of what a link to one leads to.

    Args:
        path: of the file.
        what: what it should be, for messages: ``"picture"``, ``"model file"``.
        most_bytes: a longer file is refused.
        error: class of what is raised.
        absent: added to the message that there is no such file, e.g. what is there instead.

    Raises:
        LandmarkError: of the class ``error``; it is missing, no regular file, longer than
            ``most_bytes``, or the system does not let it be read.
    """
    try:
        with open(path, "rb", opener=_open_at_once) as file:
            state = os.fstat(file.fileno())
            if not stat.S_ISREG(state.st_mode):
                kind = _KINDS.get(stat.S_IFMT(state.st_mode), "no regular file")
                raise error(f"{path}: is {kind}, expected a {what}")
            size = min(state.st_size, most_bytes)
            data = file.read(size + 1)
            if len(data) > size:  # it grows, or it is one of /proc, which say that they have 0
                data += file.read(most_bytes - size)
            if len(data) > most_bytes:
                raise error(f"{path}: more than {most_bytes:,} bytes, which no {what} needs")
            return data
    except IsADirectoryError:
        raise error(f"{path}: is a folder, expected a {what}") from None
    except FileNotFoundError:
        raise error(f"{path}: no such {what}{absent}") from None
    except OSError as problem:
        raise error(f"{path}: {problem.strerror or problem}, expected a {what}") from None
    except ValueError as problem:  # a zero byte in the name
        raise error(f"{str(path)!r}: {problem}, expected a {what}") from None


def _open_at_once(path: str, flags: int) -> int:
    """Open without waiting: a pipe that nobody writes to would hold the program for ever."""
    return os.open(path, flags | os.O_NONBLOCK)


def read_text(
    path: Path, *, what: str, error: type[LandmarkError], most_bytes: int = MOST_TEXT_BYTES
) -> str:
    """Return the text of a file in UTF-8, without the byte order mark that editors put before it.

    Raises:
        LandmarkError: of the class ``error``; see ``read_whole``, or it is no text.
    """
    data = read_whole(path, what=what, most_bytes=most_bytes, error=error)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise error(f"{path}: not a {what} (binary data, expected text in UTF-8)") from None
