"""Frames labelled by a detector: a finder can be trained on pictures that nobody labelled.

YuNet says where faces are, how sure it is and how far they are turned. What a person labelled
stays: landmarks beside the pictures are kept, and a face that has them is not labelled twice.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tqdm import tqdm

from edge.finder.yunet import YunetFinder
from landmarks.errors import DatasetError
from landmarks.files import atomic_write, refuse_overwrite
from landmarks.find import Detection
from landmarks.pictures import SUFFIXES, read_picture

LABEL_SIZE = 640  # side of the square in which YuNet sees a frame: small faces are found there
DOUBTED_SCORE = 0.3  # what YuNet is less sure of is no face


def label_frames(
    folder: Path, out: Path, yunet: Path | None, *, force: bool = False
) -> dict[str, dict[str, Any]]:
    """Copy a folder of frames and write its labels beside it; ``train.datasets.frames`` reads them.

    Args:
        folder: of pictures; landmarks (``points68``) in ``FOLDER.json`` beside it are kept.
        out: folder to write; the labels go to ``OUT.json``.
        yunet: YuNet's ONNX file; None for frames that show no face, where a detector is wrong.
        force: replace labels that are there.

    Returns:
        The labels by the name of the picture.

    Raises:
        DatasetError: the folder has no pictures.
        PictureError: a picture cannot be read.
        ModelFileError: YuNet's file cannot be used.
        OutputExistsError: the labels exist and ``force`` is not set.
    """
    labels = out.with_suffix(".json")
    refuse_overwrite(labels, force=force)
    paths = sorted(p for p in folder.glob("*") if p.suffix.lower() in SUFFIXES)
    if not paths:
        raise DatasetError(f"{folder}: no pictures in it, expected frames to label")
    finder = YunetFinder(yunet, min_score=DOUBTED_SCORE, size=LABEL_SIZE) if yunet else None
    known = _landmarks_beside(folder)
    out.mkdir(parents=True, exist_ok=True)
    entries: dict[str, dict[str, Any]] = {}
    for path in tqdm(paths, desc="label", unit="frame", disable=None):
        picture = read_picture(path)
        found = finder.find(picture) if finder else ()
        entries[path.name] = {
            "size": list(picture.shape[:2]),
            "faces": [_row(detection) for detection in found],
            **known.get(path.name, {}),
        }
        shutil.copyfile(path, out / path.name)
    with atomic_write(labels, force=force) as temporary:
        temporary.write_text(json.dumps(entries) + "\n", encoding="utf-8")
    return entries


def _row(detection: Detection) -> list[float]:
    box = detection.box
    roll_deg = detection.roll_deg or 0.0
    return [
        *(round(edge, 2) for edge in (box.x0, box.y0, box.x1, box.y1)),
        round(detection.score, 3),
        round(roll_deg, 1),
    ]


def _landmarks_beside(folder: Path) -> Mapping[str, dict[str, Any]]:
    labels = folder.resolve().with_suffix(".json")
    if not labels.is_file():
        return {}
    try:
        entries = json.loads(labels.read_text(encoding="utf-8"))
        return {
            name: {"points68": entry["points68"]}
            for name, entry in entries.items()
            if "points68" in entry
        }
    except (ValueError, TypeError, AttributeError) as error:
        raise DatasetError(f"{labels}: malformed labels of frames ({error!r})") from None
