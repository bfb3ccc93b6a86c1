"""Shapes of the training faces: what mean faces, neighbours and shape models are made from."""

from __future__ import annotations

import numpy as np

from landmarks.boxes import face_box
from landmarks.card import as_points
from landmarks.crop import crop_transform
from landmarks.types import Floats, Ints
from train.augmentation import place
from train.preparation.prepared import PreparedData
from train.settings.augmentation import AugmentConfig


def shapes_unit(data: PreparedData, faces: Ints, *, size: int, crop_scale: float) -> Floats:
    """Return the points of faces in unit coordinates of a network's crop, float32 (n, L, 2).

    Args:
        data: prepared faces.
        faces: which of them.
        size: side of the network's input in pixels.
        crop_scale: side of the crop divided by the side of the canonical face box.
    """
    return np.stack(
        [
            crop_transform(face_box(points), size=size, scale=crop_scale).to_unit(points)
            for points in data.points_crop[faces]
        ]
    )


def augmented_shapes_unit(
    data: PreparedData,
    faces: Ints,
    *,
    size: int,
    crop_scale: float,
    config: AugmentConfig,
    copies: int,
    seed: int,
) -> Floats:
    """Return shapes as augmentation shows them, float32 (copies n, L, 2), unit coordinates.

    ASMNet's shape model is made from the normalised labels of its training pictures, which are
    augmented copies: without turned shapes in it, it could not describe a turned face.
    """
    scheme, rng = data.info.landmark_scheme, np.random.default_rng((seed, copies))
    return np.stack(
        [
            place(points, rng, size=size, scale=crop_scale, config=config).points_unit(
                points, scheme
            )
            for _ in range(copies)
            for points in data.points_crop[faces]
        ]
    )


def mean_face(shapes: Floats) -> Floats:
    """Return the mean of shapes (n, L, 2), float32 (L, 2), rounded as a card stores it.

    The device must sort the same neighbours from it.
    """
    return np.asarray(as_points(np.mean(shapes, axis=0)), np.float32)
