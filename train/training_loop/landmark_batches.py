"""Batches of augmented faces with the targets of a method."""

from __future__ import annotations

from collections.abc import Generator

import numpy as np

from landmarks.types import Floats, Image, Ints
from train.datasets.frames import read_frames
from train.methods.method import LabelBatch, Method
from train.preparation.prepared import PreparedData
from train.settings.fit import FitConfig
from train.training_loop.batches import epoch_batches, made_ahead
from train.training_loop.examples import example_maker
from train.training_loop.loop import Batches
from train.training_loop.negatives import with_negatives


def augmented_batches(
    method: Method,
    data: PreparedData,
    faces: Ints,
    config: FitConfig,
    share: slice = slice(None),
) -> Batches:
    """Return what gives the batches of an epoch, made ahead of their time.

    Args:
        method: makes the targets.
        data: prepared faces.
        faces: int (n,), which of them.
        config: of the run.
        share: of each batch, where other processes make the rest.

    Returns:
        A function of the epoch, from 0; it yields augmented inputs and their targets.
    """

    def prepared(face: int) -> tuple[Image, Floats]:
        return np.asarray(data.crops[face]), np.asarray(data.points_crop[face])

    scheme = data.info.landmark_scheme
    example = example_maker(prepared, scheme, config)
    if config.empty:
        frames = [frame for folder in config.empty for frame in read_frames(folder)]
        example = with_negatives(example, frames, scheme, config)

    def made(epoch: int) -> Generator[tuple[Image, Floats], None, None]:
        for images, points, chosen in epoch_batches(
            example, faces, batch=config.batch, seed=config.seed, epoch=epoch, share=share
        ):
            yield images, method.targets(LabelBatch(points, chosen, epoch))

    return lambda epoch: made_ahead(made(epoch))
