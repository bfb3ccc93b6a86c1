"""Faces labelled by networks: a prepared folder without landmarks becomes one with them.

Each face is shown to every teacher as it is and mirrored, first in the box that the folder gives
and then in that of the landmarks found there. The label is the mean of the answers. How far they
lie apart says how sure the teachers are, and the faces of which they are least sure are left out.
PIPNet's self-training (IJCV 2021, section 4) takes every answer at its word; ``train.selftrain``
does that, and labels anew in every round.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tqdm import tqdm

from landmarks.boxes import Box, face_box
from landmarks.errors import DatasetError, UsageError
from landmarks.faces import LabelledFace
from landmarks.files import refuse_overwrite
from landmarks.locate import Localizer
from landmarks.schemes import get_scheme
from landmarks.types import Floats, Image
from train.models.any_network import open_any
from train.preparation.faces import PreparedPicture
from train.preparation.prepare import prepare
from train.preparation.prepared import MARKER, PreparedInfo, open_prepared
from train.selftrain.mirror_image import mirrored_back
from train.settings.resolve import recorded_lessons


@dataclass(frozen=True)
class Label:
    """What networks say of one face.

    Attributes:
        points: float32 (n, 2), pixels of the picture, the mean of all answers.
        disagreement: mean distance of the answers' points to it, a share of the side of their
            canonical box.
    """

    points: Floats
    disagreement: float


def label_folder(
    folder: Path, models: Sequence[Path], out: Path, *, keep_percent: float, force: bool = False
) -> PreparedInfo:
    """Label the faces of a prepared folder and cut them anew, round their landmarks.

    Args:
        folder: prepared faces, with or without landmarks, which are not looked at.
        models: teachers, all of one landmark scheme.
        out: folder to write.
        keep_percent: share of the faces to keep, the surest.
        force: replace a complete folder.

    Raises:
        DatasetError: the folder cannot be used, or no face is left.
        ModelFileError: a teacher cannot be used.
        OutputExistsError: ``out`` is complete already and ``force`` is not set.
        UsageError: the teachers' landmarks differ.
    """
    refuse_overwrite(out / MARKER, force=force)
    if folder.resolve() == out.resolve():
        raise UsageError(f"{out}: the labelled faces need a folder of their own")
    teachers = [Localizer.of(open_any(model)) for model in models]
    schemes = {teacher.network.card.scheme for teacher in teachers}
    if len(schemes) != 1:
        raise UsageError(f"teachers label {' and '.join(sorted(schemes))}, expected one scheme")
    data = open_prepared(folder, labelled=False)
    pictures = [PreparedPicture(data, face) for face in range(data.info.n)]
    labels = [
        label_face(teachers, picture.read(), data.info.box_crop)
        for picture in tqdm(pictures, desc="label", unit="face", disable=None)
    ]
    limit = np.percentile([label.disagreement for label in labels], keep_percent)
    faces = [
        LabelledFace(picture, label.points)
        for picture, label in zip(pictures, labels, strict=True)
        if label.disagreement <= limit
    ]
    if not faces:
        raise DatasetError(f"{folder}: no face is left of {data.info.n}")
    names = " and ".join(teacher.network.card.name for teacher in teachers)
    return prepare(
        faces,
        out,
        dataset=data.info.dataset,
        subset=f"{data.info.subset}, labelled by {names}",
        scheme=schemes.pop(),
        terms=data.info.terms,
        size=data.info.size,
        force=force,
    )


def label_face(teachers: Sequence[Localizer], image: Image, box: Box) -> Label:
    """Label one face.

    Args:
        teachers: of one landmark scheme.
        image: RGB uint8.
        box: canonical face box, roughly.
    """
    mirrored = np.ascontiguousarray(image[:, ::-1])
    width = image.shape[1]
    answers = []
    for teacher in teachers:
        card = teacher.network.card
        answers.append(_look_twice(teacher, image, box))
        seen = _look_twice(teacher, mirrored, _mirrored(box, width))
        scheme, shift = get_scheme(card.scheme), recorded_lessons(card).augment.mirror_shift
        answers.append(mirrored_back(seen, scheme, width=width, mirror_shift=shift))
    points = np.asarray(np.mean(answers, axis=0, dtype=np.float64), np.float32)
    apart = np.linalg.norm(np.asarray(answers) - points, axis=-1).mean()
    return Label(points, float(apart) / max(face_box(points).width, 1e-6))


def _look_twice(teacher: Localizer, image: Image, box: Box) -> Floats:
    rough = teacher.locate(image, box).points_frame
    return teacher.locate(image, face_box(rough)).points_frame


def _mirrored(box: Box, width: int) -> Box:
    return Box(width - 1 - box.x1, box.y0, width - 1 - box.x0, box.y1)
