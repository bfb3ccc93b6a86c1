"""Locks that tell whether a process still writes: the system frees them when it dies, however.

They are those of ``flock``: on a file system that has none, nobody is refused and nothing deleted.
"""

from __future__ import annotations

import errno
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from landmarks.errors import OutputInUseError

Lock = Literal["ours", "of another", "unknown"]
HELD = (errno.EWOULDBLOCK, errno.EACCES)


def try_lock(handle: int) -> Lock:
    """Take the lock of an open file or folder, without waiting; closing the handle frees it.

    Returns:
        ``unknown`` where the file system has no locks.
    """
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        return "of another" if error.errno in HELD else "unknown"
    return "ours"


@contextmanager
def only_writer(folder: Path) -> Iterator[None]:
    """Keep other runs from writing into a folder until the block ends.

    The folder itself is locked, so that no file has to be made for it.

    Raises:
        OutputInUseError: another run writes there.
    """
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        if try_lock(handle) == "of another":
            raise OutputInUseError(
                f"{folder}: another run is writing there: wait for its end or choose another folder"
            )
        yield
    finally:
        os.close(handle)
