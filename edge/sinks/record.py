"""``--record DIR``: frames and what was said of them, to be replayed with any model."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import cv2

from edge.recording import (
    MANIFEST,
    RECORDS,
    SCHEMA,
    is_recording,
    picture_path,
    segment_path,
    segments,
)
from edge.sinks import Sink
from edge.sinks.named import closed_at_the_end
from edge.sinks.records import Record, event_record, frame_record
from edge.stream import Event, FrameResult
from landmarks.errors import OutputExistsError
from landmarks.file_lock import only_writer
from landmarks.files import atomic_write, clear_half_written, write_unsynced
from landmarks.pictures import encode_jpeg
from landmarks.types import Image

JPEG_QUALITY = 95
LONGEST_JPEG_SIDE = 65500  # of the library; the format has room for 65535
SEGMENTS = 8  # the whole limit is this many; one eighth of the past goes at a time


class Recorder:
    """Writes segment after segment, and deletes the oldest to stay below a number of bytes."""

    def __init__(self, folder: Path, limit_bytes: int) -> None:
        """Begin the first segment below ``folder``."""
        self._folder, self._segment_bytes = folder, limit_bytes // SEGMENTS
        self._number = 0
        self._begin_segment()

    def write(self, result: FrameResult) -> None:
        """Write a frame; one that could not be read has a record and no picture."""
        image = result.frame.image
        data = b"" if image is None else _encoded(image)
        line = _line(frame_record(result))
        if self._bytes and self._bytes + len(data) + len(line) > self._segment_bytes:
            self.close()
            self._number += 1
            self._begin_segment()
        if data:
            write_unsynced(picture_path(self._segment, result.frame.index), data)
        self._append(line)
        self._bytes += len(data)

    def event(self, event: Event) -> None:
        """Write an event."""
        self._append(_line(event_record(event)))

    def close(self) -> None:
        """Close the file of records."""
        self._lines.close()

    def _begin_segment(self) -> None:
        for old in segments(self._folder)[: -(SEGMENTS - 1)]:
            shutil.rmtree(old)
        self._segment = segment_path(self._folder, self._number)
        self._segment.mkdir()
        self._lines = (self._segment / RECORDS).open("ab")
        self._bytes = 0

    def _append(self, line: bytes) -> None:
        self._lines.write(line)
        self._lines.flush()
        self._bytes += len(line)


def _line(record: Record) -> bytes:
    return json.dumps(record).encode() + b"\n"


def _encoded(image: Image) -> bytes:
    """Return a JPEG; of a picture that is too long for one a PNG, which is known by its content."""
    if max(image.shape) <= LONGEST_JPEG_SIDE:
        return encode_jpeg(image, JPEG_QUALITY)
    _, data = cv2.imencode(".png", cv2.cvtColor(image, cv2.COLOR_RGB2BGR))
    return data.tobytes()


@contextmanager
def open_recorder(folder: Path, start: Record, *, limit_bytes: int, force: bool) -> Iterator[Sink]:
    """Begin a recording.

    Args:
        folder: is made if it is not there.
        start: the start record of the run, kept for whoever looks.
        limit_bytes: where the oldest frames make room for new ones.
        force: replace an older recording.

    Raises:
        OutputExistsError: the folder holds something already.
        OutputInUseError: another run records there.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with only_writer(folder):
        _make_room(folder, force=force)
        with atomic_write(folder / MANIFEST, force=force) as temporary:
            temporary.write_text(json.dumps({"recording_schema": SCHEMA, **start}) + "\n")
        with closed_at_the_end(Recorder(folder, limit_bytes)) as recorder:
            yield recorder


def _make_room(folder: Path, *, force: bool) -> None:
    """Delete an older recording, if asked to.

    Raises:
        OutputExistsError: the folder holds something that may not be replaced.
    """
    clear_half_written(folder)
    if not any(folder.iterdir()):
        return
    if not (force and is_recording(folder)):
        advice = "--force replaces it" if is_recording(folder) else "choose another folder"
        raise OutputExistsError(f"--record {folder}: is not empty, {advice}")
    for segment in segments(folder):
        shutil.rmtree(segment)
