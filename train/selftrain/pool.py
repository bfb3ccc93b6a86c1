"""Labelled and unlabelled faces under one numbering, the labelled ones first."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from landmarks.types import Floats, Image, Ints
from train.preparation.joined import JoinedCrops, check_fit
from train.preparation.prepared import PreparedData, open_prepared


@dataclass(frozen=True)
class FacePool:
    """The faces of a self-training.

    Attributes:
        labelled: prepared faces with landmarks: numbers 0 to n - 1.
        unlabelled: prepared faces without, one after the other behind them.
    """

    labelled: PreparedData
    unlabelled: tuple[PreparedData, ...]

    @property
    def first_unlabelled(self) -> int:
        """Number of the first unlabelled face."""
        return self.labelled.info.n

    @property
    def unlabelled_faces(self) -> Ints:
        """Numbers of all unlabelled faces."""
        count = sum(part.info.n for part in self.unlabelled)
        return np.arange(self.first_unlabelled, self.first_unlabelled + count)

    def crop(self, face: int) -> Image:
        """Return the prepared crop of a face, uint8 (S, S, 3)."""
        return JoinedCrops((self.labelled.crops, *(part.crops for part in self.unlabelled)))[face]

    def points_crop(self, face: int, pseudo_points_crop: Floats | None) -> Floats:
        """Return the landmarks of a face, from its label or from pseudo-labels (U, L, 2)."""
        if face < self.first_unlabelled:
            return np.asarray(self.labelled.points_crop[face])
        if pseudo_points_crop is None:
            raise ValueError(f"face {face} is unlabelled, expected pseudo-labels")
        return np.asarray(pseudo_points_crop[face - self.first_unlabelled])


def open_pool(labelled: Path, unlabelled: tuple[Path, ...]) -> FacePool:
    """Open prepared folders.

    Raises:
        DatasetError: one is missing or damaged, or was prepared with another size or scale.
    """
    first = open_prepared(labelled)
    rest = tuple(open_prepared(folder, labelled=False) for folder in unlabelled)
    for folder, part in zip(unlabelled, rest, strict=True):
        check_fit(folder, first, part)
    return FacePool(first, rest)


def epoch_plan(
    labelled: Ints, unlabelled: Ints, *, count: int, share: float, rng: np.random.Generator
) -> Ints:
    """Choose the faces of an epoch.

    Args:
        labelled: numbers of the labelled faces.
        unlabelled: numbers of the others.
        count: faces to choose.
        share: of labelled ones; 0 to draw from one shuffled list of all.
        rng: source of the choice.

    Returns:
        int (count,), each list gone through in a new order before a face comes again.
    """
    if share == 0 or len(unlabelled) == 0:
        return _cycled(np.concatenate([labelled, unlabelled]), count, rng)
    known = round(share * count)
    parts = _cycled(labelled, known, rng), _cycled(unlabelled, count - known, rng)
    return np.concatenate(parts)


def _cycled(faces: Ints, count: int, rng: np.random.Generator) -> Ints:
    turns = -(-count // len(faces))
    return np.concatenate([rng.permutation(faces) for _ in range(turns)])[:count]
