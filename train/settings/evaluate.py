"""What is measured of a network, and how."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from landmarks.metrics import Frame, Normaliser

Boxes = Literal["truth", "dataset", "detector"]


@dataclass(frozen=True)
class EvaluateConfig:
    """What to measure and how.

    Attributes:
        models: paths of ``.keras``, ``.tflite`` or ``.onnx`` files, or names of shipped models.
        data: folder of the data set.
        dataset: which one, by name; when None, prepared faces or 300W if the folder looks like
            it, else a plain folder of pictures with ``.pts`` files.
        subset: part of it; the one for testing when None.
        boxes: from the labels, from the data set, or from the finder that is shipped.
        normaliser: what distances are divided by.
        frame: original pixels, or the papers' resized crop.
        by_group: also report each group of faces.
        by_condition: also report the faces under each condition of
            ``train.evaluation.conditions``.
        ced: picture of the cumulative error curves to write.
        errors: CSV table of every face's error to write.
        worst: picture of the faces with the largest errors to write.
        force: replace existing outputs.
    """

    models: tuple[str, ...]
    data: Path
    dataset: str | None = None
    subset: str | None = None
    boxes: Boxes = "truth"
    normaliser: Normaliser = "inter-ocular"
    frame: Frame = "original"
    by_group: bool = False
    by_condition: bool = False
    ced: Path | None = None
    errors: Path | None = None
    worst: Path | None = None
    force: bool = False
