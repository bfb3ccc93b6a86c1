"""A small morphable face in the files of the real one."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy.interpolate import RBFInterpolator

from landmarks.canonical_face import canonical_face
from train.pose_augmentation.face_model import LANDMARK_FILE, MODEL_FILE, FaceModel, read_face_model

TO_FILE = np.array([9.0, -9.0, -9.0])  # y up, z to the viewer, centimetres


@pytest.fixture(scope="session")
def face_arrays() -> dict[str, np.ndarray]:
    """A mask through the canonical face, with that face's points as vertices of their own."""
    face = canonical_face()
    columns = 0.95 * np.sin(np.linspace(-np.pi / 2, np.pi / 2, 60))
    rows = np.linspace(-0.6, 1.35, 61)
    grid = np.stack(np.meshgrid(columns, rows), axis=-1).reshape(-1, 2)
    behind = face[[*range(7), *range(10, 17)]] * [1.06, 1, 1] + [0, 0, 0.3]
    known = np.concatenate([face, behind])
    depth = RBFInterpolator(known[:, :2], known[:, 2])(grid)
    neutral = np.concatenate([face, np.column_stack([grid, depth])])
    corner = len(face) + (np.arange(60)[:, None] * 60 + np.arange(59)).ravel()
    quads = np.stack([corner, corner + 1, corner + 61, corner + 60], axis=1)
    x, y = neutral[:, 0], neutral[:, 1]
    nothing = np.zeros_like(x)
    wider = np.column_stack([0.1 * x, nothing, nothing])
    longer = np.column_stack([nothing, 0.1 * y, nothing])
    open_mouth = np.column_stack([nothing, 0.3 * np.maximum(y - 0.77, 0), nothing])
    return {
        "neutral": (neutral * TO_FILE).astype(np.float32),
        "faces": quads.astype(np.int32),
        "identity": (np.stack([wider, longer]) * TO_FILE).astype(np.float16),
        "expression": (open_mouth[None] * TO_FILE).astype(np.float16),
        "landmarks": np.arange(len(face)),
    }


def write_face(folder: Path, arrays: dict[str, np.ndarray]) -> Path:
    """Write the files of a morphable face."""
    folder.mkdir(parents=True, exist_ok=True)
    mesh = {name: array for name, array in arrays.items() if name != "landmarks"}
    np.savez(folder / MODEL_FILE, **mesh)
    np.save(folder / LANDMARK_FILE, arrays["landmarks"])
    return folder


@pytest.fixture(scope="session")
def face_folder(face_arrays, tmp_path_factory) -> Path:
    return write_face(tmp_path_factory.mktemp("face"), face_arrays)


@pytest.fixture(scope="session")
def small_model(face_folder) -> FaceModel:
    return read_face_model(face_folder)


@pytest.fixture(params=["small", "ICT-FaceKit"])
def model(request, small_model) -> FaceModel:
    """The small face always, and the real one where it is at hand."""
    if request.param == "small":
        return small_model
    folder = request.getfixturevalue("shared_data") / "ict"
    if not folder.is_dir():
        pytest.skip(f"no morphable face at {folder}")
    return read_face_model(folder)
