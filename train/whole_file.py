"""Files of a run: written whole or not at all, and an error that says which one it was."""

from __future__ import annotations

from pathlib import Path

from landmarks.files import atomic_write


def write_whole(path: Path, data: bytes | memoryview) -> None:
    """Replace a file by ``data`` in one step.

    The archives that NumPy and Keras make are put together in memory first: on a disk that fills
    up their writers fail once more while they clean up, and hide the reason.

    Raises:
        OSError: the disk is full, or the like; ``filename`` is ``path``, and an old file is whole.
    """
    try:
        with atomic_write(path, force=True) as temporary:
            temporary.write_bytes(data)
    except OSError as error:
        raise type(error)(error.errno, error.strerror, str(path)) from None


def clear_half_written(folder: Path) -> None:
    """Delete temporary files that a killed process left; no other may be writing there."""
    for path in folder.glob(".*-????????.*"):  # as ``atomic_write`` names them
        path.unlink()
