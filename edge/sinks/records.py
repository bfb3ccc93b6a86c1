"""Results as plain JSON types, the same for every sink; ``docs/output.md`` describes them.

``SCHEMA`` goes up when a field goes or changes its meaning; new fields leave it as it is.
"""

from __future__ import annotations

import time
from dataclasses import asdict
from typing import Any

import numpy as np

from edge.stream import Event, Face, FrameResult
from landmarks import __version__
from landmarks.card import ModelCard
from landmarks.measures import frame_shares
from landmarks.schemes import get_scheme
from landmarks.types import Floats

SCHEMA = 1
Record = dict[str, Any]


def start_record(card: ModelCard) -> Record:
    """Return what a live stream begins with: who speaks, and two clocks read at one moment."""
    return {
        "schema": SCHEMA,
        "event": "start",
        "at_ns": time.monotonic_ns(),
        "unix_s": round(time.time(), 3),
        "version": __version__,
        "model": card.name,
        "precision": card.precision,
        "scheme": card.scheme,
        "n_points": get_scheme(card.scheme).n_points,
    }


def event_record(event: Event) -> Record:
    """Return what is said of an event."""
    record: Record = {
        "schema": SCHEMA,
        "event": event.kind,
        "at_ns": event.at_ns,
        "detail": event.detail,
    }
    if event.health is not None:
        record |= event.health.to_dict()
    return record


def frame_record(result: FrameResult) -> Record:
    """Return what is said of a frame; the picture is not in it."""
    frame = result.frame
    record: Record = {"schema": SCHEMA, "frame": frame.index, "name": frame.name}
    if frame.time_s is not None:
        record["time_s"] = round(frame.time_s, 4)
    if frame.sensor_ns is not None:
        emit_ns = time.monotonic_ns()
        record["sensor_ns"], record["emit_ns"] = frame.sensor_ns, emit_ns
        record["age_ms"] = round((emit_ns - frame.sensor_ns) / 1e6, 3)
        record["dropped"] = result.dropped
    if frame.image is None:
        record["error"] = frame.problem
        record["faces"] = []
    else:
        height, width = frame.image.shape[:2]
        record["size"] = [width, height]
        record |= {stage: round(ms, 3) for stage, ms in asdict(result.times).items()}
        record["faces"] = [_face(face, width, height) for face in result.faces]
    return record


def _face(face: Face, width: int, height: int) -> Record:
    record: Record = {
        "id": face.id,
        "score": round(face.score, 3),
        "presence": round(face.presence, 3),
        "box": [round(v, 2) for v in (face.box.x0, face.box.y0, face.box.x1, face.box.y1)],
        "points": _points(face.points_frame),
    }
    if face.points_smooth is not None:
        record["points_smooth"] = _points(face.points_smooth)
    if face.pose_deg is not None:
        yaw, pitch, roll = (round(float(angle), 1) for angle in face.pose_deg)
        record["pose"] = {"yaw_deg": yaw, "pitch_deg": pitch, "roll_deg": roll}
    if face.measures is not None:
        record["measures"] = face.measures.to_dict()
        shares = frame_shares(face.points_frame, width, height)
        record["points_share"] = np.round(shares.astype(np.float64), 4).tolist()
    return record


def _points(points: Floats) -> list[list[float]]:
    rounded: list[list[float]] = np.round(points.astype(np.float64), 2).tolist()
    return rounded
