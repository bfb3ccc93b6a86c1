"""Training inputs: a prepared face, augmented as the run wants it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from landmarks.schemes import Scheme
from landmarks.types import Floats, Image
from train.augmentation import augment
from train.settings.fit import FitConfig
from train.training_loop.batches import Example, MakeExample


def example_maker(
    prepared: Callable[[int], tuple[Image, Floats]], scheme: Scheme, config: FitConfig
) -> MakeExample:
    """Return what makes the augmented input for a face's index.

    Args:
        prepared: gives its prepared crop, uint8 (S, S, 3), and points float32 (L, 2) in pixels.
        scheme: of the points.
        config: of the run.
    """

    def example(face: int, rng: np.random.Generator) -> Example:
        crop, points_crop = prepared(face)
        return augment(
            crop,
            points_crop,
            rng,
            size=config.size,
            scale=config.crop_scale,
            scheme=scheme,
            config=config.augment,
        )

    return example
