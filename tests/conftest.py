"""What the tests of every package share."""

from __future__ import annotations

import os
import resource
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings

from landmarks.schemes import IBUG68

# The same examples on every run, and no deadline: the machine may be busy, or a Raspberry Pi.
settings.register_profile("project", deadline=None, max_examples=60, derandomize=True)
settings.load_profile("project")

CHECKOUT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of public data sets: $EDGE_LANDMARKS_DATA, or shared/data beside the checkout."""
    given = os.environ.get("EDGE_LANDMARKS_DATA")
    folder = Path(given) if given else CHECKOUT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip(f"no data sets at {folder}: set EDGE_LANDMARKS_DATA")
    return folder


@pytest.fixture
def rng() -> np.random.Generator:
    """A generator with the same seed in every test."""
    return np.random.default_rng(2024)


@pytest.fixture(scope="session")
def face68() -> np.ndarray:
    """A drawn, mirror-symmetric face: float32 (68, 2), about 0.1 to 0.9."""
    turn = np.pi * np.arange(9) / 16
    left: dict[int, tuple[float, float]] = {
        i: (0.5 - 0.4 * np.cos(t), 0.35 + 0.55 * np.sin(t)) for i, t in enumerate(turn)
    }
    left |= {17: (0.14, 0.26), 18: (0.2, 0.21), 19: (0.27, 0.2), 20: (0.34, 0.21)}
    left |= {21: (0.41, 0.24)}
    left |= {27: (0.5, 0.33), 28: (0.5, 0.4), 29: (0.5, 0.47), 30: (0.5, 0.54)}
    left |= {31: (0.41, 0.59), 32: (0.455, 0.605), 33: (0.5, 0.615)}
    left |= {36: (0.2, 0.35), 37: (0.25, 0.32), 38: (0.32, 0.32), 39: (0.37, 0.36)}
    left |= {40: (0.32, 0.38), 41: (0.25, 0.38)}
    left |= {48: (0.34, 0.72), 49: (0.39, 0.69), 50: (0.45, 0.675), 51: (0.5, 0.685)}
    left |= {57: (0.5, 0.8), 58: (0.45, 0.795), 59: (0.39, 0.77)}
    left |= {60: (0.36, 0.725), 61: (0.45, 0.71), 62: (0.5, 0.715), 66: (0.5, 0.755)}
    left |= {67: (0.45, 0.75)}
    points = np.zeros((68, 2), np.float32)
    for i, (x, y) in left.items():
        points[i] = x, y
        points[IBUG68.mirror[i]] = 1 - x, y
    return points


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
