"""What the tests of ``train`` share."""

from __future__ import annotations

import os
import resource
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import cv2
import numpy as np
import pytest

from landmarks.pictures import write_picture
from landmarks.pts import write_pts

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # before TensorFlow is imported


@pytest.fixture(scope="session")
def draw_faces(face68: np.ndarray) -> Callable[[Path, int], Path]:
    """Write drawn faces, each a picture with its ``.pts`` file, into a folder."""

    def draw(folder: Path, count: int) -> Path:
        folder.mkdir(parents=True, exist_ok=True)
        rng = np.random.default_rng(count)
        for i in range(count):
            side = rng.uniform(50, 80)
            points = face68 * side + rng.uniform(10, 40, 2) + rng.normal(0, 1, (68, 2))
            image = np.full((130, 140, 3), rng.integers(40, 200, 3), np.uint8)
            for x, y in np.rint(points).astype(int).tolist():
                cv2.circle(image, (x, y), 2, rng.integers(0, 256, 3).tolist(), -1)
            write_picture(folder / f"face_{i:03}.png", image, force=True)
            write_pts(folder / f"face_{i:03}.pts", points, force=True)
        return folder

    return draw


@pytest.fixture
def file_size_limit() -> Callable[[int], AbstractContextManager[None]]:
    """Make every write beyond a number of bytes fail, as on a full disk: EFBIG for ENOSPC."""

    @contextmanager
    def limit(size: int) -> Iterator[None]:
        before = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
        try:
            yield
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)

    return limit
