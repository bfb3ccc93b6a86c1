"""What the tests of ``landmarks`` share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from landmarks.card import ModelCard, PipHead, as_points


@pytest.fixture
def make_card(face68: np.ndarray) -> Callable[..., ModelCard]:
    """Make a valid card; keyword arguments replace fields."""

    def make(**changes: Any) -> ModelCard:
        fields: dict[str, Any] = {
            "name": "asmpip-128",
            "architecture": "asmpip",
            "precision": "float32",
            "scheme": "300w-68",
            "input_size": 128,
            "crop_scale": 1.25,
            "head": PipHead(grid=8, k=10, mean_face=as_points(face68)),
            "outputs": ("score", "offsets", "neighbours"),
            "training": {"dataset": "300W train", "faces": 3148},
        }
        return ModelCard(**{**fields, **changes})

    return make
