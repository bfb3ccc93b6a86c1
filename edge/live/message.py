"""One frame as the bytes that a page gets: picture and points of the same frame.

Layout: the length of the JSON (4 bytes, big-endian), the JSON (UTF-8), then a JPEG, or nothing
where there is no picture.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

import cv2
import numpy as np

from edge.live.speed import Speed
from edge.stream import Event, Face
from landmarks.pictures import encode_jpeg
from landmarks.types import Image

JPEG_QUALITY = 80
LONGEST_SIDE = 960  # a larger picture costs more to encode than a page shows


END = json.dumps({"event": "end"})  # the last message of a run


@dataclass(frozen=True)
class Made:
    """What the landmarks of a run are made with, as it is shown.

    Attributes:
        model: name and precision.
        finder: as it was chosen.
    """

    model: str = ""
    finder: str = ""


@dataclass(frozen=True)
class View:
    """What the pipeline hands to the server.

    Attributes:
        index: of the frame.
        size: (width, height) of the frame in pixels.
        faces: of the frame.
        picture: RGB uint8, nobody writes to it; None where it is not to be sent.
        taken_ns: when the sensor took the frame, else when its result was there; monotonic clock.
        speed: of the last second.
        dropped: frames that nobody looked at, since the start.
        made: what the landmarks are made with.
    """

    index: int
    size: tuple[int, int]
    faces: tuple[Face, ...]
    picture: Image | None
    taken_ns: int
    speed: Speed
    dropped: int
    made: Made = Made()


def frame_message(view: View, *, now_ns: int, temperature_c: float | None) -> bytes:
    """Return the message for a frame, sent at ``now_ns`` of the monotonic clock."""
    times, latency_ms = view.speed.times, view.speed.latency_ms
    facts = {
        "frame": view.index,
        "size": view.size,
        "faces": [_face_facts(face) for face in view.faces],
        "age_ms": round((now_ns - view.taken_ns) / 1e6, 1),
        "fps": round(view.speed.fps, 2),
        "latency_ms": None if latency_ms is None else round(latency_ms, 2),
        "stages_ms": {
            "find": round(times.find_ms, 3),
            "crop": round(times.crop_ms, 3),
            "infer": round(times.infer_ms, 3),
            "decode": round(times.decode_ms, 3),
        },
        "dropped": view.dropped,
        "temperature_c": temperature_c,
        "model": view.made.model,
        "finder": view.made.finder,
    }
    text = json.dumps(facts).encode()
    jpeg = b"" if view.picture is None else _jpeg(view.picture)
    return len(text).to_bytes(4, "big") + text + jpeg


def jpeg_in(message: bytes) -> bytes:
    """Return the picture of a message."""
    return message[4 + int.from_bytes(message[:4], "big") :]


def event_message(event: Event, *, now_ns: int) -> str:
    """Return the message for an event."""
    ago_ms = round((now_ns - event.at_ns) / 1e6)
    return json.dumps({"event": event.kind, "detail": event.detail, "ago_ms": ago_ms})


def _face_facts(face: Face) -> dict[str, object]:
    """Return what the page draws of a face: smoothed points where there are any."""
    points = face.points_frame if face.points_smooth is None else face.points_smooth
    return {
        "id": face.id,
        "presence": round(face.presence, 3),
        "box": [round(side, 1) for side in (face.box.x0, face.box.y0, face.box.x1, face.box.y1)],
        "points": np.round(points.astype(np.float64), 1).tolist(),
        "measures": None if face.measures is None else face.measures.to_dict(),
        "pose_deg": None if face.pose_deg is None else np.round(face.pose_deg, 1).tolist(),
    }


def _shrunk(picture: Image, zoom: float) -> tuple[int, int]:
    """Return (width, height) of a smaller picture; of a line of pixels a line is left."""
    height, width = picture.shape[:2]
    return max(1, round(zoom * width)), max(1, round(zoom * height))


def _jpeg(picture: Image) -> bytes:
    zoom = LONGEST_SIDE / max(picture.shape[:2])
    if zoom < 1:
        picture = np.asarray(
            cv2.resize(picture, _shrunk(picture, zoom), interpolation=cv2.INTER_AREA), np.uint8
        )
    return encode_jpeg(picture, JPEG_QUALITY)
