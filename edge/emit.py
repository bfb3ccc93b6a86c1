"""Results as lines of text: JSON lines or CSV, one frame after the other."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Literal, TextIO

from edge.camera import Frame
from edge.pipeline import Face, StageTimes

Format = Literal["jsonl", "csv"]
Emit = Callable[[Frame, tuple[Face, ...], StageTimes], None]


def open_emitter(stream: TextIO, output_format: Format, n_points: int) -> Emit:
    """Return the function that writes one frame and flushes, so that a reader sees it at once.

    JSON lines: one object a frame, ``faces`` is empty where none was found, ``error`` is there
    where the picture could not be read. CSV: a header, then one row a face.
    """
    if output_format == "csv":
        columns = [f"{axis}{i}" for i in range(n_points) for axis in "xy"]
        stream.write(",".join(["frame", "name", "face", "presence", *columns]) + "\n")

    def emit(frame: Frame, faces: tuple[Face, ...], times: StageTimes) -> None:
        lines = _csv(frame, faces) if output_format == "csv" else [_json(frame, faces, times)]
        stream.writelines(line + "\n" for line in lines)
        stream.flush()

    return emit


def _json(frame: Frame, faces: tuple[Face, ...], times: StageTimes) -> str:
    record: dict[str, object] = {"frame": frame.index, "name": frame.name}
    if frame.time_s is not None:
        record["time_s"] = round(frame.time_s, 4)
    if frame.image is None:
        record["error"] = frame.problem
    else:
        height, width = frame.image.shape[:2]
        record["size"] = [width, height]
        record["find_ms"], record["locate_ms"] = round(times.find_ms, 3), round(times.locate_ms, 3)
    record["faces"] = [
        {
            "id": face.id,
            "presence": round(face.presence, 3),
            "box": [round(v, 2) for v in (face.box.x0, face.box.y0, face.box.x1, face.box.y1)],
            "points": [[round(float(x), 2), round(float(y), 2)] for x, y in face.points_frame],
        }
        for face in faces
    ]
    return json.dumps(record)


def _csv(frame: Frame, faces: tuple[Face, ...]) -> list[str]:
    name = '"' + frame.name.replace('"', '""') + '"'
    return [
        ",".join(
            [str(frame.index), name, str(face.id), f"{face.presence:.3f}"]
            + [f"{value:.2f}" for value in face.points_frame.ravel()]
        )
        for face in faces
    ]
