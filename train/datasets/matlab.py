"""MATLAB files of both kinds: v7.3, which is HDF5, and what came before, which SciPy reads.

A v7.3 file stores every array with its axes reversed, and a cell as references to arrays elsewhere
in the file. Both kinds come out here as MATLAB shows them: rows first, pictures (height, width,
channels), text as ``str``.

Pictures of a v7.3 file are read one at a time when they are asked for. Those of an older file are
all in memory from the start: its compression knows no other way.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import cv2
import numpy as np

from landmarks.errors import DatasetError, MissingExtraError, PictureError
from landmarks.faces import Picture
from landmarks.types import Floats, Image


class MatFile(Protocol):
    """A MATLAB file; every method raises DatasetError for a variable that it does not hold."""

    def matrix(self, variable: str) -> Floats:
        """Return a numeric variable, float64 (rows, columns)."""
        ...

    def texts(self, variable: str) -> tuple[str, ...]:
        """Return the texts of a cell."""
        ...

    def pictures(self, variable: str) -> tuple[Picture, ...]:
        """Return the pictures of a cell, grey or RGB."""
        ...


def open_mat(path: Path) -> MatFile:
    """Open a MATLAB file of either kind.

    Raises:
        DatasetError: it is missing or no MATLAB file.
        MissingExtraError: h5py or SciPy is not installed.
    """
    if not path.is_file():
        raise DatasetError(f"{path}: no such MATLAB file")
    try:
        import h5py
        import scipy.io  # noqa: F401
    except ImportError as error:
        raise MissingExtraError(
            f"{path}: reading MATLAB files needs {error.name}: pip install 'edge-landmarks[train]'"
        ) from None
    return _NewMatFile(path) if h5py.is_hdf5(path) else _OldMatFile(path)


@dataclass(frozen=True)
class _NewMatFile:
    """v7.3."""

    path: Path

    def matrix(self, variable: str) -> Floats:
        import h5py

        with _open_hdf5(self.path) as file:
            stored = _variable(self.path, file, variable)
            if not isinstance(stored, h5py.Dataset) or stored.dtype.kind not in "fiub":
                raise DatasetError(f"{self.path}: {variable} is no numeric array")
            return np.asarray(stored[()].T, np.float64)

    def texts(self, variable: str) -> tuple[str, ...]:
        with _open_hdf5(self.path) as file:
            cell = _cell(self.path, file, variable)
            return tuple("".join(map(chr, file[r][()].ravel(order="F"))) for r in cell[()].ravel())

    def pictures(self, variable: str) -> tuple[Picture, ...]:
        with _open_hdf5(self.path) as file:
            n = _cell(self.path, file, variable).size
        return tuple(StoredPicture(self.path, variable, i) for i in range(n))


@dataclass(frozen=True)
class StoredPicture:
    """A picture in a cell of a v7.3 file, read when it is asked for.

    Attributes:
        path: the MATLAB file.
        variable: the cell.
        index: place in it, from 0; MATLAB counts from 1, and so do ``name`` and ``str``.
    """

    path: Path
    variable: str
    index: int

    @property
    def name(self) -> str:
        """E.g. ``IsTr-0001``."""
        return _name(self.variable, self.index)

    def read(self) -> Image:
        """Read it; see ``Picture``. The file is opened anew each time: milliseconds."""
        with _open_hdf5(self.path) as file:
            cell = _cell(self.path, file, self.variable)
            reference = cell[np.unravel_index(self.index, cell.shape)]
            return _as_rgb(file[reference][()].T, str(self))

    def __str__(self) -> str:
        return f"{self.path}: {self.variable}{{{self.index + 1}}}"


@dataclass(frozen=True)
class _OldMatFile:
    """Version 4 to 7.2."""

    path: Path

    def matrix(self, variable: str) -> Floats:
        found = self._load(variable)
        if found.dtype.kind not in "fiub":
            raise DatasetError(f"{self.path}: {variable} is no numeric array")
        return np.asarray(found, np.float64)

    def texts(self, variable: str) -> tuple[str, ...]:
        cell = self._load_cell(variable)
        return tuple(str(np.ravel(text)[0]) if np.size(text) else "" for text in cell)

    def pictures(self, variable: str) -> tuple[Picture, ...]:
        cell = self._load_cell(variable)
        return tuple(LoadedPicture(self.path, variable, i, pixels) for i, pixels in enumerate(cell))

    def _load_cell(self, variable: str) -> Any:
        found = self._load(variable)
        if found.dtype.kind != "O":
            raise DatasetError(f"{self.path}: {variable} is no cell")
        return found.ravel()

    def _load(self, variable: str) -> Any:
        from scipy.io import loadmat

        try:
            return loadmat(self.path, variable_names=[variable])[variable]
        except KeyError:
            raise DatasetError(f"{self.path}: holds no variable {variable!r}") from None
        except Exception as error:  # SciPy raises whatever a damaged file leads it to
            raise DatasetError(f"{self.path}: not a MATLAB file ({error})") from None


@dataclass(frozen=True)
class LoadedPicture:
    """A picture in a cell of a file older than v7.3; see ``StoredPicture``."""

    path: Path
    variable: str
    index: int
    pixels: Any = field(compare=False, repr=False)

    @property
    def name(self) -> str:
        """E.g. ``IsTr-0001``."""
        return _name(self.variable, self.index)

    def read(self) -> Image:
        """Return it; see ``Picture``."""
        return _as_rgb(self.pixels, str(self))

    def __str__(self) -> str:
        return f"{self.path}: {self.variable}{{{self.index + 1}}}"


def _name(variable: str, index: int) -> str:
    return f"{variable}-{index + 1:04}"


def _open_hdf5(path: Path) -> Any:
    import h5py

    try:
        return h5py.File(path, "r")
    except OSError as error:
        raise DatasetError(f"{path}: damaged MATLAB v7.3 file ({error})") from None


def _variable(path: Path, file: Any, variable: str) -> Any:
    if variable not in file:
        raise DatasetError(f"{path}: holds no variable {variable!r}, but {', '.join(file)}")
    return file[variable]


def _cell(path: Path, file: Any, variable: str) -> Any:
    """Return the dataset that holds the references of a cell, in any shape."""
    stored = _variable(path, file, variable)
    if getattr(getattr(stored, "dtype", None), "kind", None) != "O":
        raise DatasetError(f"{path}: {variable} is no cell")
    return stored


def _as_rgb(pixels: Any, where: str) -> Image:
    if pixels.dtype != np.uint8 or pixels.ndim not in (2, 3) or pixels.size == 0:
        raise PictureError(
            f"{where}: expected a uint8 picture, received {pixels.dtype} {pixels.shape}"
        )
    if pixels.ndim == 2 or pixels.shape[2] == 1:
        grey = np.ascontiguousarray(pixels.reshape(pixels.shape[:2]))
        return np.asarray(cv2.cvtColor(grey, cv2.COLOR_GRAY2RGB), np.uint8)
    if pixels.shape[2] != 3:
        raise PictureError(f"{where}: {pixels.shape[2]} channels, expected 1 or 3")
    return np.ascontiguousarray(pixels)
