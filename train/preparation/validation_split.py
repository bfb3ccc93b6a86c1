"""Held-out faces: which they are."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np

from landmarks.types import Ints
from train.preparation.prepared import kept_together


def split_validation(names: Sequence[str], percent: float) -> tuple[Ints, Ints]:
    """Split faces into training and validation indices by a hash of their names.

    The split of a face depends on its name alone, so it survives adding or removing others; the
    faces of a picture and the frames of a video land on the same side.
    """
    digests = [hashlib.sha256(kept_together(name).encode()).hexdigest() for name in names]
    share = np.array([int(digest[:8], 16) / 0xFFFFFFFF for digest in digests])
    held_out = share < percent / 100
    return np.flatnonzero(~held_out), np.flatnonzero(held_out)
