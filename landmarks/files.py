"""Writing a file so that a reader sees the old one or the new one, never half of one."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from landmarks.errors import OutputExistsError
from landmarks.file_lock import try_lock

_MARK = ".half-written-"  # in the name of a temporary file, before the characters that make it new
_TEMPORARY = re.compile(rf"\..*{re.escape(_MARK)}[a-z0-9_]{{8}}\..+")
_NAME_CHARACTERS = 40  # of a final name; more might make the temporary one too long


def refuse_overwrite(path: Path, *, force: bool) -> None:
    """Raise OutputExistsError if ``path`` exists and ``force`` is not set."""
    if path.exists() and not force:
        raise OutputExistsError(f"{path} already exists: give --force to replace it")


@contextmanager
def atomic_write(path: Path | str, *, force: bool = False) -> Iterator[Path]:
    """Yield a temporary path beside ``path``; put it in place once the block has ended well.

    The temporary file keeps the suffix, for writers that choose a format by it. It is fsynced and
    renamed; if the block raises, it is deleted and an old ``path`` stays whole. What a killed
    process left of the same file is deleted first.

    Args:
        path: the final path; its folder is created.
        force: replace an existing file.

    Raises:
        OutputExistsError: ``path`` exists and ``force`` is False.
    """
    path = Path(path)
    refuse_overwrite(path, force=force)
    path.parent.mkdir(parents=True, exist_ok=True)
    prefix, suffix = f".{path.stem[:_NAME_CHARACTERS]}{_MARK}", path.suffix or ".part"
    _clear(path.parent, prefix, suffix)
    handle, temporary = _new_locked_file(path.parent, prefix, suffix)
    try:
        yield temporary
        os.chmod(temporary, 0o666 & ~_umask())  # mkstemp makes files that only the owner can read
        _sync(temporary)
        os.replace(temporary, path)
        _sync(path.parent)
    finally:
        temporary.unlink(missing_ok=True)
        os.close(handle)


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
    """Delete the temporary files that killed processes left; those of living ones stay."""
    _clear(folder, ".", "")


def _clear(folder: Path, prefix: str, suffix: str) -> None:
    """Delete temporary files that begin and end so, unless somebody still writes them."""
    for entry in list(os.scandir(folder)) if folder.is_dir() else ():
        named_so = entry.name.startswith(prefix) and entry.name.endswith(suffix)
        if not (
            named_so and _TEMPORARY.fullmatch(entry.name) and entry.is_file(follow_symlinks=False)
        ):
            continue
        try:
            handle = os.open(entry.path, os.O_RDONLY | os.O_NOFOLLOW)
        except OSError:  # of somebody else, or just gone
            continue
        try:
            if try_lock(handle) == "ours":
                Path(entry.path).unlink(missing_ok=True)
        finally:
            os.close(handle)


def _new_locked_file(folder: Path, prefix: str, suffix: str) -> tuple[int, Path]:
    """Return an empty file that no other process takes for left behind, and its open handle."""
    while True:
        handle, name = tempfile.mkstemp(prefix=prefix, suffix=suffix, dir=folder)
        try_lock(handle)
        if os.fstat(handle).st_nlink:  # nobody has deleted it before it was locked
            return handle, Path(name)
        os.close(handle)


def write_unsynced(path: Path, data: bytes) -> None:
    """Write a whole file or none, and replace an old one; a power cut may lose it.

    For one picture of many: to wait for the disk would cost more than the picture is worth.
    """
    temporary = path.with_suffix(".part")
    try:
        temporary.write_bytes(data)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


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
