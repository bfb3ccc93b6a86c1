"""Prepared faces as a data set of their own: what networks label, and what they are measured on."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from landmarks.errors import DatasetError
from landmarks.faces import LabelledFace
from landmarks.types import Image
from train.preparation.prepared import PreparedData, open_prepared
from train.preparation.validation_split import split_validation

SUBSETS = ("all", "train", "held-out")


@dataclass(frozen=True)
class PreparedPicture:
    """A prepared crop as a picture of its own."""

    data: PreparedData
    face: int

    @property
    def name(self) -> str:
        """As in its folder."""
        return self.data.info.names[self.face]

    def read(self) -> Image:
        """Return the crop."""
        return np.asarray(self.data.crops[self.face])

    def __str__(self) -> str:
        return self.name


def read_prepared_faces(folder: Path, subset: str, held_out_percent: float) -> list[LabelledFace]:
    """Read faces of a prepared folder.

    Args:
        folder: with landmarks.
        subset: of ``SUBSETS``: all faces, those that a run trains on, or those that it holds out.
        held_out_percent: share that the run holds out.

    Raises:
        DatasetError: the folder cannot be used, there is no such subset, or it is empty.
    """
    data = open_prepared(folder)
    training, held_out = split_validation(data.info.names, held_out_percent)
    faces = {"all": range(data.info.n), "train": training, "held-out": held_out}.get(subset)
    if faces is None:
        raise DatasetError(
            f"{folder}: no subset {subset!r} of prepared faces, expected {', '.join(SUBSETS)}"
        )
    if not len(faces):
        raise DatasetError(f"{folder}: none of its {data.info.n} faces is {subset}")
    return [
        LabelledFace(PreparedPicture(data, int(face)), np.asarray(data.points_crop[face]))
        for face in faces
    ]
