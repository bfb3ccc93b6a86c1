"""A recording of ``edge-run --record`` as a source: the same frames at the same times again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from edge.recording import check_manifest, picture_path, read_records, segments
from edge.stream import Frame, FrameSource
from landmarks.errors import PictureError
from landmarks.pictures import read_picture

UNKNOWN_FPS = 30.0


@contextmanager
def open_replay(folder: Path) -> Iterator[FrameSource]:
    """Open a recording; frames carry the numbers and times that they had.

    They are not live: none is dropped, and ``sensor_ns`` is None, since the clock has moved on.

    Raises:
        PictureError: the recording holds no frame, is of a newer version, or is damaged.
    """
    check_manifest(folder)
    if not any("frame" in record for _, record in _records(folder)):
        raise PictureError(f"{folder}: the recording holds no frame")
    yield FrameSource(_frames(folder), continuous=True, fps=_fps(folder))


def _frames(folder: Path) -> Iterator[Frame]:
    for segment, record in _records(folder):
        if "frame" not in record:
            continue  # an event
        index, name, time_s = record["frame"], record["name"], record.get("time_s")
        try:
            yield Frame(index, name, time_s, read_picture(picture_path(segment, index)))
        except PictureError as error:
            yield Frame(index, name, time_s, None, str(error))


def _records(folder: Path) -> Iterator[tuple[Path, dict[str, Any]]]:
    for segment in segments(folder):
        for record in read_records(segment):
            yield segment, record


def _fps(folder: Path) -> float:
    """Return how many frames a second were recorded on average."""
    times = [
        record["time_s"]
        for _, record in _records(folder)
        if "frame" in record and record.get("time_s") is not None
    ]
    span_s = max(times) - min(times) if times else 0.0
    return (len(times) - 1) / span_s if span_s > 0 else UNKNOWN_FPS
