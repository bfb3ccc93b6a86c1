"""Negatives: boxes without a face in frames whose faces are known, to learn what is none."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from landmarks.boxes import Box, intersection_over_union
from landmarks.errors import DatasetError
from landmarks.schemes import Scheme
from landmarks.types import Image
from train.augmentation import photometric, place_box
from train.datasets.frames import Frame
from train.settings.fit import FitConfig
from train.training_loop.batches import Example, MakeExample

SIDES = (0.6, 1.3)  # of a box without a face, to that of a face in the frame
TRIES = 30
FREE_IOU = 0.05  # a box without a face touches none


def negative_box(
    frame: Frame, side: float, size: tuple[int, int], rng: np.random.Generator
) -> Box | None:
    """Return a box that touches no face of a frame; None where there seems to be no room.

    Args:
        frame: its faces.
        side: of a face in it, pixels.
        size: width and height of its picture.
        rng: chooses place and side.
    """
    taken = (*frame.boxes, *(seen.box for seen in frame.seen))
    for _ in range(TRIES):
        x, y = rng.uniform(0, size)
        box = Box.from_centre((x, y), side * rng.uniform(*SIDES))
        if all(intersection_over_union(box, other) < FREE_IOU for other in taken):
            return box
    return None


def with_negatives(
    make_face: MakeExample, frames: Sequence[Frame], scheme: Scheme, config: FitConfig
) -> MakeExample:
    """Return what makes a face's example or, instead of a share of them, one without a face.

    The points of an example without a face are no numbers.

    Args:
        make_face: makes examples of faces.
        frames: with known faces.
        scheme: of the points.
        config: of the run.

    Raises:
        DatasetError: no frame has a labelled face, which says how large faces are there.
    """
    usable = [frame for frame in frames if frame.labelled]
    if not usable:
        raise DatasetError("expected frames with labelled faces for boxes without one")
    nowhere = np.full((scheme.n_points, 2), np.nan, np.float32)

    def make(face: int, rng: np.random.Generator) -> Example:
        if rng.random() >= config.empty_share:
            return make_face(face, rng)
        frame = usable[rng.integers(len(usable))]
        picture = frame.picture.read()
        size = (picture.shape[1], picture.shape[0])
        box = negative_box(frame, frame.boxes[0].width, size, rng)
        if box is None:
            return make_face(face, rng)
        return _empty(picture, box, rng, config), nowhere

    return make


def _empty(picture: Image, box: Box, rng: np.random.Generator, config: FitConfig) -> Image:
    where = place_box(box, rng, size=config.size, scale=config.crop_scale, config=config.augment)
    return photometric(where.cut(picture), rng, config.augment)
