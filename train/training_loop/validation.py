"""The error of a network in training on the held-out faces."""

from __future__ import annotations

from collections.abc import Callable

import keras
import numpy as np

from landmarks.boxes import face_box
from landmarks.card import PipHead, RegressionHead
from landmarks.crop import crop_transform
from landmarks.decode import OutputTensor
from landmarks.locate import decoder_of
from landmarks.metrics import nme
from landmarks.types import Ints
from train.preparation.prepared import PreparedData

BATCH = 64


def held_out_error(
    network: keras.Model,
    head: PipHead | RegressionHead,
    data: PreparedData,
    held_out: Ints,
    *,
    size: int,
    crop_scale: float,
) -> Callable[[], float] | None:
    """Return what measures ``validate`` of a network as it is, in percent; None without faces."""
    if len(held_out) == 0:
        return None
    return lambda: 100 * validate(network, head, data, held_out, size=size, crop_scale=crop_scale)


def validate(
    network: keras.Model,
    head: PipHead | RegressionHead,
    data: PreparedData,
    faces: Ints,
    *,
    size: int,
    crop_scale: float,
) -> float:
    """Return the mean inter-ocular NME of prepared faces with exact boxes, a fraction.

    Args:
        network: gives the outputs that the head reads, by name.
        head: how landmarks are read from them.
        data: prepared faces.
        faces: which of them.
        size: side of the network's input in pixels.
        crop_scale: side of the crop divided by the side of the canonical face box.
    """
    scheme, truth = data.info.landmark_scheme, data.points_crop[faces]
    decode = decoder_of(head)
    transforms = [crop_transform(face_box(points), size=size, scale=crop_scale) for points in truth]
    images = [
        transform.cut(np.asarray(data.crops[face]))
        for transform, face in zip(transforms, faces, strict=True)
    ]
    outputs = network.predict(np.stack(images), batch_size=BATCH, verbose=0)
    errors = []
    for i, transform in enumerate(transforms):
        face = decode({name: OutputTensor(values[i]) for name, values in outputs.items()})
        errors.append(nme(transform.from_unit(face.points_unit), truth[i], scheme))
    return float(np.mean(errors))
