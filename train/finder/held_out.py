"""Frames that a finder does not learn from: a share of all, and whole sets.

A set is what a collection of pictures is called; the name of a picture begins with it, up to the
first hyphen. A set that is held out whole says how a finder does on pictures of another kind.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from landmarks.types import Ints
from train.datasets.frames import Frame
from train.preparation.validation_split import split_validation


@dataclass(frozen=True)
class HeldOut:
    """Which frames are held out.

    Attributes:
        percent: share that is chosen by a hash of the pictures' names.
        sets: held out whole.
    """

    percent: float
    sets: tuple[str, ...] = ()

    def split(self, frames: Sequence[Frame]) -> tuple[Ints, Ints]:
        """Return the indices of the training and of the held-out frames."""
        names = [frame.picture.name for frame in frames]
        whole = np.array([set_of(name) in self.sets for name in names], bool)
        training, chosen = split_validation(names, self.percent)
        held_out = np.union1d(chosen, np.flatnonzero(whole))
        return np.setdiff1d(training, held_out), held_out


def set_of(name: str) -> str:
    """Return the set of a picture by its name."""
    return name.partition("-")[0]
