"""``--crops DIR``: each face as a picture of its own, upright and in its place."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from edge.sinks import Sink
from edge.stream import Event, FrameResult
from landmarks.aligned_face import aligned_face
from landmarks.errors import OutputExistsError
from landmarks.files import write_unsynced
from landmarks.pictures import encode_jpeg
from landmarks.schemes import Scheme

JPEG_QUALITY = 95
_NAME = re.compile(r"\d{6,}-\d+\.jpg")


@dataclass(frozen=True)
class CropWriter:
    """Writes ``FRAME-FACE.jpg``, the frame's number and the face's id as in the other results.

    Attributes:
        folder: where they lie.
        scheme: of the points.
    """

    folder: Path
    scheme: Scheme

    def write(self, result: FrameResult) -> None:
        """Write the faces of a frame."""
        image = result.frame.image
        if image is None:
            return
        for face in result.faces:
            crop = aligned_face(image, face.points_frame, self.scheme)
            path = self.folder / f"{result.frame.index:06d}-{face.id}.jpg"
            write_unsynced(path, encode_jpeg(crop, JPEG_QUALITY))

    def event(self, event: Event) -> None:
        """Leave events out."""


@contextmanager
def open_crops(folder: Path, scheme: Scheme, *, force: bool) -> Iterator[Sink]:
    """Begin to write crops.

    Args:
        folder: is made if it is not there; other files in it are left alone.
        scheme: of the points, one that ``landmarks.aligned_face`` takes.
        force: delete the crops of an older run.

    Raises:
        OutputExistsError: there are crops already.
    """
    folder.mkdir(parents=True, exist_ok=True)
    old = [path for path in folder.iterdir() if _NAME.fullmatch(path.name)]
    if old and not force:
        raise OutputExistsError(f"--crops {folder}: holds crops already, --force replaces them")
    for path in old:
        path.unlink()
    yield CropWriter(folder, scheme)
