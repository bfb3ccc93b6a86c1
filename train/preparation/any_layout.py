"""Labelled faces of a folder, whatever its layout: data set, prepared, pictures with ``.pts``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from landmarks.errors import DatasetError
from landmarks.faces import LabelledFace, read_labelled_faces
from train.datasets.bad_files import BadFiles
from train.datasets.registry import LABELLED, get_dataset
from train.datasets.w300 import looks_like_w300
from train.preparation.faces import read_prepared_faces
from train.preparation.prepared import MARKER
from train.settings.fit import FitConfig


def read_faces(
    data: Path, dataset: str | None, subset: str | None
) -> tuple[Sequence[LabelledFace], str]:
    """Read labelled faces; return them and the name of the subset.

    Raises:
        DatasetError: the data set is unknown or has no landmarks, or its files are missing or bad.
    """
    layout = dataset or layout_of(data)
    if layout == "prepared":
        part = subset or "all"
        return read_prepared_faces(data, part, FitConfig.validation_percent), part
    if layout == LABELLED:
        if subset not in (None, "all"):
            raise DatasetError(f"{data}: a folder of labelled pictures has no subset {subset!r}")
        return read_labelled_faces(data), "all"
    chosen = get_dataset(layout)
    if chosen.scheme is None:
        raise DatasetError(f"{chosen.title} has no landmarks to measure against")
    part = subset or chosen.test
    faces = chosen.read(data, part, BadFiles())
    return [face for face in faces if isinstance(face, LabelledFace)], part


def layout_of(data: Path) -> str:
    """Return the layout of a folder whose data set is not named."""
    if (data / MARKER).exists():
        return "prepared"
    return "w300" if looks_like_w300(data) else LABELLED
