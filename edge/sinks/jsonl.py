"""Results as JSON lines: one object a frame."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TextIO

from edge.result import Event, Face, FrameResult
from landmarks.types import Floats


@dataclass(frozen=True)
class JsonLines:
    """Writes to a text stream and flushes after each line, so that a reader sees it at once."""

    stream: TextIO

    def write(self, result: FrameResult) -> None:
        """Write a frame; ``error`` is there where its picture could not be read."""
        self._line(frame_record(result))

    def event(self, event: Event) -> None:
        """Write an event."""
        self._line({"event": event.kind, "at_ns": event.at_ns, "detail": event.detail})

    def _line(self, record: dict[str, object]) -> None:
        self.stream.write(json.dumps(record) + "\n")
        self.stream.flush()


def frame_record(result: FrameResult) -> dict[str, object]:
    """Return what is said of a frame, ready for ``json.dumps``; the picture is not in it."""
    frame = result.frame
    record: dict[str, object] = {"frame": frame.index, "name": frame.name}
    if frame.time_s is not None:
        record["time_s"] = round(frame.time_s, 4)
    if frame.image is None:
        record["error"] = frame.problem
    else:
        height, width = frame.image.shape[:2]
        record["size"] = [width, height]
        times = result.times
        record["find_ms"] = round(times.find_ms, 3)
        record["locate_ms"] = round(times.total_ms - times.find_ms, 3)
        record["dropped"] = result.dropped
    record["faces"] = [_face(face) for face in result.faces]
    return record


def _face(face: Face) -> dict[str, object]:
    record: dict[str, object] = {
        "id": face.id,
        "presence": round(face.presence, 3),
        "box": [round(v, 2) for v in (face.box.x0, face.box.y0, face.box.x1, face.box.y1)],
        "points": _points(face.points_frame),
    }
    if face.points_smooth is not None:
        record["points_smooth"] = _points(face.points_smooth)
    if face.pose_deg is not None:
        record["pose_deg"] = [round(float(angle), 1) for angle in face.pose_deg]
    return record


def _points(points: Floats) -> list[list[float]]:
    return [[round(float(x), 2), round(float(y), 2)] for x, y in points]
