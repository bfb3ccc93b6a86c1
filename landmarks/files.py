"""Writing a file so that a reader sees the old one or the new one, never half of one."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from landmarks.errors import OutputExistsError


def refuse_overwrite(path: Path, *, force: bool) -> None:
    """Raise OutputExistsError if ``path`` exists and ``force`` is not set."""
    if path.exists() and not force:
        raise OutputExistsError(f"{path} already exists: give --force to replace it")


@contextmanager
def atomic_write(path: Path | str, *, force: bool = False) -> Iterator[Path]:
    """Yield a temporary path beside ``path``; put it in place once the block has ended well.

    The temporary file keeps the suffix, for writers that choose a format by it. It is fsynced and
    renamed; if the block raises, it is deleted and an old ``path`` stays whole.

    Args:
        path: the final path; its folder is created.
        force: replace an existing file.

    Raises:
        OutputExistsError: ``path`` exists and ``force`` is False.
    """
    path = Path(path)
    refuse_overwrite(path, force=force)
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(
        prefix=f".{path.stem}-", suffix=path.suffix or ".part", dir=path.parent
    )
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        os.chmod(temporary, 0o666 & ~_umask())  # mkstemp makes files that only the owner can read
        _sync(temporary)
        os.replace(temporary, path)
        _sync(path.parent)
    finally:
        temporary.unlink(missing_ok=True)


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


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
