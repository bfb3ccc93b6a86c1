"""From which presence score on an answer counts as a face: each network has its own threshold.

The score of a PIP head is the height of its peaks, and a peak is lower where the cells are smaller:
0.5 lies between faces and the rest for cells of 128 px networks, not for those of others.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from landmarks.boxes import Box, face_box
from landmarks.card import PipHead
from landmarks.errors import DatasetError, UsageError
from landmarks.files import atomic_write, refuse_overwrite
from landmarks.locate import Localizer
from landmarks.model_file import read_model, with_other_card
from landmarks.types import Floats
from train.datasets.frames import Frame
from train.models.any_network import open_any
from train.training_loop.negatives import negative_box

MOVE, ZOOM = 0.06, 0.1  # of a finder's box, as a share of its side: standard deviations
SURE_PERCENT = 1.0  # of the faces may score lower, and of the negatives higher, than is allowed for


@dataclass(frozen=True)
class Presence:
    """Presence scores of a network.

    Attributes:
        faces: float64 (n,), in boxes as a finder gives them.
        others: float64 (m,), in boxes without a face.
    """

    faces: Floats
    others: Floats

    @property
    def threshold(self) -> float:
        """Presence threshold: half-way between two percentiles.

        1 % of the faces score lower than the one, 1 % of the negatives higher than the other.
        """
        low = np.percentile(self.others, 100 - SURE_PERCENT)
        high = np.percentile(self.faces, SURE_PERCENT)
        return float((low + high) / 2)


def measure_presence(localizer: Localizer, frames: Iterable[Frame], seed: int = 1) -> Presence:
    """Return the scores of each frame's first labelled face and of a box beside all faces.

    Raises:
        DatasetError: the frames hold no labelled face, or no place without a face.
    """
    rng = np.random.default_rng(seed)
    faces, others = [], []
    for frame in frames:
        if not frame.labelled:
            continue
        image = frame.picture.read()
        face = face_box(frame.labelled[0])
        centre = np.add(face.centre, rng.normal(0, MOVE, 2) * face.width)
        rough = Box.from_centre((centre[0], centre[1]), face.width * np.exp(rng.normal(0, ZOOM)))
        faces.append(localizer.locate(image, rough).presence)
        empty = negative_box(frame, face.width, (image.shape[1], image.shape[0]), rng)
        if empty is not None:
            others.append(localizer.locate(image, empty).presence)
    if not faces or not others:
        raise DatasetError(
            f"{len(faces)} labelled faces and {len(others)} boxes without one: expected frames "
            "with labelled faces and room beside them"
        )
    return Presence(np.array(faces), np.array(others))


def set_presence(
    path: Path, frames: Sequence[Frame], out: Path, *, force: bool = False
) -> Presence:
    """Write a model file anew whose card has the threshold of its network.

    Raises:
        DatasetError: as ``measure_presence``.
        ModelFileError: the file cannot be used.
        OutputExistsError: ``out`` exists and ``force`` is not set.
        UsageError: its head has no presence score, or ``out`` has another suffix.
    """
    refuse_overwrite(out, force=force)
    file = read_model(path)
    if not isinstance(file.card.head, PipHead):
        raise UsageError(f"{path}: a {file.card.head.kind} head has no presence score")
    if out.suffix != path.suffix:
        raise UsageError(f"{out}: expected a {path.suffix} file like {path.name}")
    presence = measure_presence(Localizer.of(open_any(path)), frames)
    head = replace(file.card.head, min_presence=round(presence.threshold, 4))
    data = with_other_card(file, replace(file.card, head=head))
    with atomic_write(out, force=force) as temporary:
        temporary.write_bytes(data)
    return presence
