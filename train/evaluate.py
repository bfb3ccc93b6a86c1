"""Errors of any model file on labelled faces: ``python -m train evaluate MODEL --data DIR``.

A ``.tflite`` or ``.onnx`` file runs in ``edge.runtime``, exactly as on the device. This is the one
place where the training room meets the device's: the design wants every published error to come
from the code that ships, and from no copy of it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from tqdm import tqdm

from edge.finder.haar import HaarFinder
from edge.models import model_path
from edge.runtime import open_network
from landmarks.boxes import Box, face_box, intersection_over_union
from landmarks.errors import DatasetError
from landmarks.faces import LabelledFace, read_labelled_faces
from landmarks.locate import Localizer, Network
from landmarks.score import BoxSource, score, true_box
from landmarks.types import Image
from train.datasets.w300 import FOLDERS, looks_like_w300, read_w300

MIN_IOU = 0.3  # below it a detection is another face


def evaluate(
    model: str, data: Path, *, subset: str | None, boxes: Literal["truth", "detector"]
) -> dict[str, Any]:
    """Measure a model file.

    Args:
        model: path of a ``.keras``, ``.tflite`` or ``.onnx`` file, or name of a shipped model.
        data: 300W's folder, or any folder of pictures with ``.pts`` files.
        subset: of 300W; ``common`` when None.
        boxes: from the labels, or from OpenCV's Haar cascade.

    Returns:
        The figures, ready for JSON.
    """
    path = model_path(model)
    network = _open(path)
    faces, subset = read_faces(data, subset)
    result = score(
        Localizer.of(network),
        tqdm(faces, desc="evaluate", unit="face", disable=None, leave=False),
        boxes=true_box if boxes == "truth" else _detector_boxes(),
    )
    return {
        "model": str(path),
        "data": str(data),
        "subset": subset,
        **result.to_dict(),
        "boxes": boxes,
        "precision": network.card.precision,
        "frame": "original pixels",
    }


def _open(path: Path) -> Network:
    if path.suffix != ".keras":
        return open_network(path)
    from train.models.network import KerasNetwork  # TensorFlow takes seconds to import

    return KerasNetwork(path)


def read_faces(data: Path, subset: str | None) -> tuple[tuple[LabelledFace, ...], str]:
    """Read a subset of 300W, or all faces of a plain folder; return them and the subset's name."""
    if looks_like_w300(data):
        chosen = subset or "common"
        for name in FOLDERS:
            if name == chosen:
                return read_w300(data, name), chosen
        raise DatasetError(f"300W has no subset {chosen!r}, expected one of {', '.join(FOLDERS)}")
    if subset not in (None, "all"):
        raise DatasetError(f"{data}: a plain folder has no subset {subset!r}")
    return read_labelled_faces(data), "all"


def _detector_boxes() -> BoxSource:
    finder = HaarFinder()

    def find(image: Image, face: LabelledFace) -> Box | None:
        truth = face_box(face.points_frame)
        found = [detection.box for detection in finder.find(image)]
        best = max(found, key=lambda box: intersection_over_union(box, truth), default=None)
        if best is None or intersection_over_union(best, truth) < MIN_IOU:
            return None
        return best

    return find
