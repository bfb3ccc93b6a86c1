"""Some of many things, evenly spread."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt


def evenly_spread(available: int, count: int) -> npt.NDArray[np.intp]:
    """Return at most ``count`` indices below ``available``, from the first to the last.

    They are evenly spread, rising, and each is there once; all of them where ``count`` is larger.
    """
    return np.linspace(0, available - 1, min(count, available)).round().astype(np.intp)
