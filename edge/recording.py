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

import json
from pathlib import Path
from typing import Any

SCHEMA = 1
MANIFEST = "recording.json"
RECORDS = "frames.jsonl"
SEGMENT = "segment-"


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


def read_records(segment: Path) -> list[dict[str, Any]]:
    """Return the records of a segment, up to a line that was torn when the recorder was cut off."""
    try:
        lines = (segment / RECORDS).read_bytes().splitlines(keepends=True)
    except FileNotFoundError:  # cut off before its first line
        return []
    records: list[dict[str, Any]] = []
    for line in lines:
        try:
            record = json.loads(line)
        except ValueError:
            break
        if not line.endswith(b"\n") or not isinstance(record, dict):
            break
        records.append(record)
    return records
