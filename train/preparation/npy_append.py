"""A ``.npy`` file that grows: entries are appended as they come, their number comes last."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt

from landmarks.files import atomic_write, naming


class NpyAppender:
    """Appends arrays of one shape and type; see ``appended_npy``."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._count = 0
        self._shape: tuple[int, ...] = ()
        self._dtype: np.dtype[Any] = np.dtype(np.float32)

    def append(self, array: npt.NDArray[np.generic]) -> None:
        """Add one entry.

        Raises:
            ValueError: it has not the shape and type of the first one.
        """
        if self._count == 0:
            self._shape, self._dtype = array.shape, array.dtype
            self._write_header()
        if (array.shape, array.dtype) != (self._shape, self._dtype):
            raise ValueError(
                f"expected {self._dtype} {self._shape} like the entries before, received "
                f"{array.dtype} {array.shape}"
            )
        self._file.write(np.ascontiguousarray(array).data)
        self._count += 1

    def finish(self) -> None:
        """Write how many entries there are."""
        self._file.seek(0)
        self._write_header()

    def _write_header(self) -> None:
        # NumPy leaves room in it for any number of entries, so it has the same length again.
        np.lib.format.write_array_header_1_0(
            self._file,
            {
                "descr": np.lib.format.dtype_to_descr(self._dtype),
                "fortran_order": False,
                "shape": (self._count, *self._shape),
            },
        )


@contextmanager
def appended_npy(path: Path) -> Iterator[NpyAppender]:
    """Give an appender; the file is put in place, over an old one, once the block has ended well.

    Raises:
        OSError: the disk is full, or the like; ``filename`` is ``path``, and an old file is whole.

    Example:
        >>> with appended_npy(Path("example.npy")) as rows:
        ...     rows.append(np.zeros(3, np.float32))
        >>> np.load("example.npy").shape
        (1, 3)
    """
    with naming(path), atomic_write(path, force=True) as temporary:
        with temporary.open("wb") as file:
            appender = NpyAppender(file)
            yield appender
            appender.finish()
