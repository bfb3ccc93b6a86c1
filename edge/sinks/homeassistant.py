"""``--homeassistant``: what Home Assistant shows of a run, found by itself over MQTT discovery.

A configuration for each entity is kept by the broker below ``homeassistant/`` (the prefix that Home
Assistant listens to), and one small state for all of them, sent once a second at most: the records
of frames would fill its data base. Schema: https://www.home-assistant.io/integrations/mqtt, MQTT
discovery, ``sensor`` and ``binary_sensor``. An entity whose value is null is "unknown" there.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from edge.health import temperature_c
from edge.sinks.records import Record
from edge.stream import Face, FrameResult

PREFIX = "homeassistant"
EVERY_S = 1.0
AGAIN_S = 60.0  # the same state, for a broker that forgot it when it was restarted
LOOKING_WITHIN_DEG = 20.0  # of the line to the camera; a look at something beside it is further
# The threshold of Soukupova and Cech's eye aspect ratio in the field; open eyes have 0.3.
OPEN_FROM = 0.2

ENTITIES: dict[str, dict[str, Any]] = {
    "faces": {
        "component": "sensor",
        "name": "Faces",
        "icon": "mdi:face-recognition",
        "state_class": "measurement",
    },
    "looking": {"component": "binary_sensor", "name": "Looking", "icon": "mdi:account-eye"},
    "eyes_open": {"component": "binary_sensor", "name": "Eyes open", "icon": "mdi:eye"},
    "yaw_deg": {
        "component": "sensor",
        "name": "Yaw",
        "icon": "mdi:axis-z-rotate-counterclockwise",
        "unit_of_measurement": "°",
        "state_class": "measurement",
    },
    "temperature_c": {
        "component": "sensor",
        "name": "Temperature",
        "device_class": "temperature",
        "unit_of_measurement": "°C",
        "state_class": "measurement",
        "entity_category": "diagnostic",
    },
}
NOTHING: Record = dict.fromkeys(ENTITIES)


@dataclass(frozen=True)
class Place:
    """Where a run publishes.

    Attributes:
        name: of the run.
        state_topic: of the states.
        status_topic: of the start and end records, which say whether the run lives.
    """

    name: str
    state_topic: str
    status_topic: str


def discovery(place: Place, start: Record, prefix: str = PREFIX) -> dict[str, Record]:
    """Return the configuration of each entity by its topic.

    Args:
        place: where the run publishes.
        start: the start record of the run, which names version and model.
        prefix: of the topics that Home Assistant listens to.
    """
    shared = {
        "state_topic": place.state_topic,
        "availability_topic": place.status_topic,
        "availability_template": "{{ 'online' if value_json.event == 'start' else 'offline' }}",
        "device": {
            "identifiers": [f"edge-landmarks-{place.name}"],
            "name": place.name,
            "manufacturer": "edge-landmarks",
            "model": f"{start['model']} {start['precision']}",
            "sw_version": start["version"],
        },
        "origin": {"name": "edge-landmarks", "sw_version": start["version"]},
    }
    found = {}
    for key, entity in ENTITIES.items():
        own = {name: value for name, value in entity.items() if name != "component"}
        own |= {
            "unique_id": f"edge-landmarks-{place.name}-{key}",
            "value_template": f"{{{{ value_json.{key} }}}}",
        }
        found[f"{prefix}/{entity['component']}/{place.name}/{key}/config"] = {**own, **shared}
    return found


class HomeState:
    """The state of one run, from frame to frame; one caller at a time."""

    def __init__(self, clock_s: Callable[[], float] = time.monotonic) -> None:
        """Begin without a state."""
        self._clock_s = clock_s
        self._sent: Record | None = None
        self._due_s = self._again_s = 0.0
        self._eyes_open: bool | None = None

    def after(self, result: FrameResult) -> Record | None:
        """Take in a frame; return the state to be published, None where it need not be.

        Eyes are open if they were in any frame since the last state, so that a blink is no change.
        """
        nearest = max(result.faces, key=lambda face: face.box.width, default=None)
        if nearest is not None and nearest.measures is not None:
            self._eyes_open = bool(self._eyes_open) or nearest.measures.eyes_open >= OPEN_FROM
        if (now_s := self._clock_s()) < self._due_s:
            return None
        self._due_s = now_s + EVERY_S
        state = _state(result.faces, nearest, self._eyes_open if nearest else None)
        return self._to_send(state)

    def without_camera(self) -> Record | None:
        """Return the state of a run whose camera is lost, None where it is known already."""
        return self._to_send(NOTHING)

    def _to_send(self, state: Record) -> Record | None:
        self._eyes_open = None
        if state == self._sent and self._clock_s() < self._again_s:
            return None
        self._sent, self._again_s = state, self._clock_s() + AGAIN_S
        return state


def _state(faces: tuple[Face, ...], nearest: Face | None, eyes_open: bool | None) -> Record:
    measures = [face.measures for face in faces if face.measures is not None]
    looking = any(measured.turned_deg <= LOOKING_WITHIN_DEG for measured in measures)
    pose = None if nearest is None else nearest.pose_deg
    celsius = temperature_c()
    return {
        "faces": len(faces),
        "looking": _switch(looking),
        "eyes_open": None if eyes_open is None else _switch(eyes_open),
        "yaw_deg": None if pose is None else round(float(pose[0])),
        "temperature_c": None if celsius is None else round(celsius),
    }


def _switch(on: bool) -> str:
    """Return how Home Assistant spells it."""
    return "ON" if on else "OFF"
