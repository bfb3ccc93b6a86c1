"""Several prepared folders as one: what a run trains on beside its labelled data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path

import numpy as np

from landmarks.errors import DatasetError
from landmarks.types import Image
from train.preparation.prepared import Crops, PreparedData, open_prepared


@dataclass(frozen=True)
class JoinedCrops:
    """The crops of several folders under one numbering, one folder after the other."""

    parts: tuple[Crops, ...]

    def __len__(self) -> int:
        return sum(map(len, self.parts))

    def __getitem__(self, face: int) -> Image:
        for part in self.parts:
            if face < len(part):
                return np.asarray(part[face])
            face -= len(part)
        raise IndexError(face)


def open_joined(
    folder: Path, more: Sequence[Path]
) -> tuple[PreparedData, tuple[PreparedData, ...]]:
    """Open a labelled folder and others that fit it.

    Returns:
        All faces, those of ``folder`` first, with its description; and the other folders.

    Raises:
        DatasetError: one is missing or damaged, or has another size, scale or landmark scheme.
    """
    first = open_prepared(folder)
    others = tuple(open_prepared(other) for other in more)
    for path, other in zip(more, others, strict=True):
        check_fit(path, first, other)
        if other.info.scheme != first.info.scheme:
            raise DatasetError(
                f"{path}: landmarks of {other.info.scheme}, expected {first.info.scheme} like "
                f"{folder}"
            )
    parts = (first, *others)
    info = replace(
        first.info,
        n=sum(part.info.n for part in parts),
        names=tuple(chain.from_iterable(part.info.names for part in parts)),
        groups={},
    )
    points_crop = np.concatenate([part.points_crop for part in parts])
    return PreparedData(info, JoinedCrops(tuple(p.crops for p in parts)), points_crop), others


def check_fit(folder: Path, first: PreparedData, other: PreparedData) -> None:
    """Refuse crops that were not cut like those they are to be trained with.

    Raises:
        DatasetError: another size or scale.
    """
    if (other.info.size, other.info.scale) != (first.info.size, first.info.scale):
        raise DatasetError(
            f"{folder}: crops of {other.info.size} px at scale {other.info.scale}, but the "
            f"labelled ones are {first.info.size} px at {first.info.scale}: prepare both anew"
        )
