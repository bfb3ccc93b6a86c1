"""Names for the arrays that cross module boundaries, and one check of their shape."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

Floats: TypeAlias = npt.NDArray[np.floating[Any]]
Ints: TypeAlias = npt.NDArray[np.integer[Any]]
Image: TypeAlias = npt.NDArray[np.uint8]  # RGB, (height, width, 3)


def check_image(image: Image) -> None:
    """Raise ValueError unless ``image`` is uint8 (height, width, 3) and not empty."""
    if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3 or image.size == 0:
        raise ValueError(
            f"expected an RGB uint8 image of shape (height, width, 3), "
            f"received {image.dtype} {image.shape}"
        )


def check_points(points: Floats, n_points: int | None = None) -> None:
    """Raise ValueError unless ``points`` is float (..., n, 2) with ``n_points`` rows."""
    expected = "n" if n_points is None else str(n_points)
    if points.ndim < 2 or points.shape[-1] != 2 or (n_points and points.shape[-2] != n_points):
        raise ValueError(f"expected points of shape (..., {expected}, 2), received {points.shape}")
