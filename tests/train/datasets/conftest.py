"""Writers of the data sets' official layouts, tiny."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pytest

from landmarks.boxes import face_box
from landmarks.faces import LabelledFace

Cell = list[np.ndarray] | list[str]


@pytest.fixture(scope="session")
def write_mat73() -> Callable[..., Path]:
    """Write a v7.3 file as MATLAB does: a user block, reversed axes, cells of references."""

    def write(path: Path, **variables: np.ndarray | Cell) -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        with h5py.File(path, "w", userblock_size=512) as file:
            refs = file.create_group("#refs#")
            for name, value in variables.items():
                if isinstance(value, np.ndarray):
                    stored = file.create_dataset(name, data=value.T)
                    stored.attrs["MATLAB_class"] = np.bytes_(value.dtype.name)
                    continue
                cell = file.create_dataset(name, (1, len(value)), h5py.ref_dtype)  # n x 1 cell
                cell.attrs["MATLAB_class"] = np.bytes_("cell")
                for i, item in enumerate(value):
                    if isinstance(item, str):  # text is a row of UTF-16 code units
                        item = np.array([[ord(letter) for letter in item]], np.uint16)
                    entry = refs.create_dataset(f"{name}{i}", data=item.T)
                    cell[0, i] = entry.ref
        with path.open("r+b") as file:
            file.write(b"MATLAB 7.3 MAT-file, Platform: GLNXA64".ljust(124) + b"\x00\x02IM")
        return path

    return write


@pytest.fixture(scope="session")
def box_fits() -> Callable[[LabelledFace], bool]:
    """Say whether a data set's box lies near the box of the labels: within a fifth of its side."""

    def fits(face: LabelledFace) -> bool:
        truth = face_box(face.points_frame)
        edges = np.array([face.box.x0, face.box.y0, face.box.x1, face.box.y1])
        expected = np.array([truth.x0, truth.y0, truth.x1, truth.y1])
        return bool(np.abs(edges - expected).max() < 0.2 * truth.width)

    return fits
