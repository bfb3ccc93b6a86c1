"""Frames with the faces in them: a folder of pictures and, beside it, ``FOLDER.json``.

The JSON maps the name of each picture to its ``size`` (height, width) and to the faces that a
detector saw: ``faces`` (canonical boxes, ``[x0, y0, x1, y1, score, roll_deg]``, as
``train.finder.label_frames`` writes them) or ``boxes`` (boxes as YuNet draws them,
``[x0, y0, x1, y1, score]``); and, where a person has labelled a face, to ``points68``. A picture
with several labelled faces may be there once for each, under several names: the copies become one
frame. A folder of pictures with ``.pts`` files is read, too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from edge.finder.yunet import YUNET_BOXES
from landmarks.boxes import Box, face_box, intersection_over_union
from landmarks.errors import DatasetError
from landmarks.faces import Picture, PictureFile, read_labelled_faces
from landmarks.pictures import MOST_PICTURE_BYTES
from landmarks.provenance import sha256
from landmarks.reading import read_text, read_whole
from landmarks.strict_json import parse_json
from landmarks.types import Floats

SURE_SCORE = 0.7  # what a detector is less sure of is neither face nor background
SAME_FACE_IOU = 0.4


@dataclass(frozen=True)
class Seen:
    """A face that a detector saw.

    Attributes:
        box: canonical face box, pixels of the frame.
        score: 0 to 1.
        roll_deg: how far the face is turned, clockwise on the screen; None where nobody knows.
    """

    box: Box
    score: float
    roll_deg: float | None = None


@dataclass(frozen=True)
class Frame:
    """A picture and the faces in it.

    Attributes:
        picture: the picture.
        labelled: float32 (n, 2) for each face that a person labelled, pixels of the frame.
        seen: other faces, by a detector.
    """

    picture: Picture
    labelled: tuple[Floats, ...]
    seen: tuple[Seen, ...] = ()

    @property
    def boxes(self) -> tuple[Box, ...]:
        """Canonical boxes of the labelled faces."""
        return tuple(face_box(points) for points in self.labelled)


def read_frames(folder: Path) -> tuple[Frame, ...]:
    """Read a folder of frames, sorted by name; the pictures are opened when they are needed.

    Raises:
        DatasetError: there are no labels, they are malformed, or a picture is missing.
    """
    labels = folder.resolve().with_suffix(".json")
    if not labels.is_file():
        if any(folder.glob("*.pts")):
            return tuple(
                Frame(face.picture, (face.points_frame,)) for face in read_labelled_faces(folder)
            )
        raise DatasetError(
            f"{folder}: no labels of frames: expected {labels}, or .pts files in the folder"
        )
    try:
        entries = parse_json(read_text(labels, what="list of frames", error=DatasetError))
        copies: dict[str, list[str]] = {}
        for name in sorted(entries):
            picture = read_whole(
                folder / name,
                what="picture",
                most_bytes=MOST_PICTURE_BYTES,
                error=DatasetError,
                absent=f", which {labels} names",
            )
            copies.setdefault(sha256(picture), []).append(name)
        return tuple(
            _frame(folder / names[0], [entries[name] for name in names])
            for names in copies.values()
        )
    except (ValueError, KeyError, TypeError, IndexError, AttributeError) as error:
        raise DatasetError(f"{labels}: malformed labels of frames ({error!r})") from None


def _frame(path: Path, entries: Iterable[Mapping[str, Any]]) -> Frame:
    entries = list(entries)
    labelled = tuple(
        np.array(entry["points68"], np.float32).reshape(68, 2)
        for entry in entries
        if "points68" in entry
    )
    truth = [face_box(points) for points in labelled]
    first = entries[0]
    seen = (
        [
            Seen(Box(*corners), float(score), roll_deg)
            for *corners, score, roll_deg in first["faces"]
        ]
        if "faces" in first
        else [
            Seen(YUNET_BOXES.to_canonical(Box(*corners)), float(score))
            for *corners, score in first["boxes"]
        ]
    )
    return Frame(
        PictureFile(path),
        labelled,
        tuple(
            other
            for other in seen
            if all(intersection_over_union(other.box, box) < SAME_FACE_IOU for box in truth)
        ),
    )
