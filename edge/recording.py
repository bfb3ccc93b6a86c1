"""What a recording looks like on disk: written by ``edge.sinks.record``, read by a replay.

::

    DIR/recording.json          what was recorded: schema, model; makes the folder a recording
    DIR/segment-000000/         the oldest are deleted when the recording grows too big
        000000000.jpg           frame 0
        frames.jsonl            one record a line, as docs/output.md has them; events too

The line of a frame is written after its picture, so that all lines but a torn last one can be
trusted, whenever the recorder was killed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

from landmarks.errors import PictureError
from landmarks.reading import read_text
from landmarks.shown import shown
from landmarks.strict_json import parse_json

SCHEMA = 1
MANIFEST = "recording.json"
RECORDS = "frames.jsonl"
SEGMENT = "segment-"
MOST_LINE_BYTES = 1 << 24  # a line of 100 faces has 200 KB
MOST_FRAMES, MOST_SECONDS = 10**12, 10**9


def is_recording(folder: Path) -> bool:
    """Say whether a folder is a recording."""
    return (folder / MANIFEST).is_file()


def segments(folder: Path) -> list[Path]:
    """Return the segments of a recording, oldest first."""
    return sorted(path for path in folder.glob(f"{SEGMENT}*") if path.is_dir())


def segment_path(folder: Path, number: int) -> Path:
    """Return where a segment lies, numbered from 0."""
    return folder / f"{SEGMENT}{number:06d}"


def picture_path(segment: Path, frame: int) -> Path:
    """Return where the picture of a frame lies."""
    return segment / f"{frame:09d}.jpg"


def check_manifest(folder: Path) -> None:
    """Refuse a recording of a version that this one cannot read.

    Raises:
        PictureError: so it is, or ``recording.json`` is damaged.
    """
    path = folder / MANIFEST
    text = read_text(path, what="description of a recording", error=PictureError)
    try:
        version = parse_json(text)["recording_schema"]
    except (ValueError, KeyError, TypeError) as error:
        raise PictureError(f"{path}: damaged ({error!r}), expected what --record writes") from None
    if type(version) is not int or not 1 <= version <= SCHEMA:
        raise PictureError(
            f"{path}: a recording of schema {shown(version)}, this version reads up to {SCHEMA}: "
            "upgrade edge-landmarks"
        )


def read_records(segment: Path) -> Iterator[dict[str, Any]]:
    """Yield the records of a segment, up to a line that was torn when the recorder was cut off.

    Raises:
        PictureError: a whole line is no record, or one of a frame without its number, name or
            time; the message names file and line.
    """
    path = segment / RECORDS
    if not path.exists():  # cut off before its first line
        return
    if not path.is_file():
        raise PictureError(f"{path}: is no regular file, expected the lines of a recording")
    with path.open("rb") as file:
        for number in count(1):
            line = file.readline(MOST_LINE_BYTES)
            if not line or (not line.endswith(b"\n") and len(line) < MOST_LINE_BYTES):
                return
            yield _record(f"{path}:{number}", line)


def _record(where: str, line: bytes) -> dict[str, Any]:
    try:
        record = parse_json(line)
    except ValueError as error:
        raise PictureError(f"{where}: not a line of a recording: {error}") from None
    if not isinstance(record, dict):
        raise PictureError(f"{where}: not a line of a recording: {shown(record)}")
    if "frame" not in record:
        return record  # an event
    for field, expected, good in _FIELDS:
        if not good(record.get(field)):
            raise PictureError(
                f"{where}: {field} is {shown(record.get(field))}, expected {expected}"
            )
    return record


def _is_name(value: Any) -> bool:
    """Say whether it is text that a file name can be: a lone half of a character is none."""
    try:
        return isinstance(value, str) and bool(value.encode("utf-8", "surrogateescape"))
    except UnicodeEncodeError:
        return False


def _is_time(value: Any) -> bool:
    return value is None or (type(value) in (int, float) and abs(value) <= MOST_SECONDS)


_FIELDS: tuple[tuple[str, str, Callable[[Any], bool]], ...] = (
    ("frame", "the number of a frame", lambda v: type(v) is int and 0 <= v <= MOST_FRAMES),
    ("name", "a name", _is_name),
    ("time_s", "seconds", _is_time),
)
