"""Files of a run: written whole or not at all, and an error that says which one it was."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from landmarks.files import atomic_write


def write_whole(path: Path, data: bytes | memoryview) -> None:
    """Replace a file by ``data`` in one step.

    The archives that NumPy and Keras make are put together in memory first: on a disk that fills
    up their writers fail once more while they clean up, and hide the reason.

    Raises:
        OSError: the disk is full, or the like; ``filename`` is ``path``, and an old file is whole.
    """
    with naming(path), atomic_write(path, force=True) as temporary:
        temporary.write_bytes(data)


@contextmanager
def naming(path: Path) -> Iterator[None]:
    """Let an OSError of the block say which file it was about, where its origin does not."""
    try:
        yield
    except OSError as error:
        if error.filename is not None:
            raise
        raise type(error)(error.errno, error.strerror, str(path)) from None


def clear_half_written(folder: Path) -> None:
    """Delete temporary files that a killed process left; no other may be writing there."""
    for path in folder.glob(".*-????????.*"):  # as ``atomic_write`` names them
        path.unlink()
