"""Home Assistant finds a run by itself: what it reads at a real broker, against its schema."""

from __future__ import annotations

import json
import time
from dataclasses import replace

import numpy as np
import pytest

from edge.sinks.broker import Broker
from edge.sinks.homeassistant import AGAIN_S, ENTITIES, HomeState, Place, discovery
from edge.sinks.mqtt import Publishing, open_mqtt
from edge.stream import Event
from landmarks.measures import FaceMeasures
from tests.edge.mosquitto import Mosquitto, needs_mosquitto

START = {"schema": 1, "event": "start", "model": "planted", "precision": "int8", "version": "1.2"}
PLACE = Place("door", "edge-landmarks/state/door", "edge-landmarks/status/door")

# home-assistant.io/integrations/mqtt, sensor.mqtt and binary_sensor.mqtt: the options of each that
# a configuration may have, those that it must have, and the values of those that have a list.
SHARED = {"availability_topic", "availability_template", "device", "origin", "icon", "name"}
SHARED |= {"state_topic", "value_template", "unique_id", "entity_category", "device_class"}
ALLOWED = {
    "sensor": SHARED | {"unit_of_measurement", "state_class"},
    "binary_sensor": SHARED | {"payload_on", "payload_off"},
}
DEVICE = {"identifiers", "name", "manufacturer", "model", "sw_version"}
ORIGIN = {"name", "sw_version", "support_url"}
STATE_CLASSES = {None, "measurement", "measurement_angle", "total", "total_increasing"}


def _check_schema(topic, entity):
    prefix, component, node, key, last = topic.split("/")
    assert (prefix, last) == ("homeassistant", "config")
    assert set(entity) <= ALLOWED[component], "an unknown option makes Home Assistant refuse it"
    assert {"state_topic", "unique_id", "device", "origin"} <= set(entity)
    assert set(entity["device"]) <= DEVICE and entity["device"]["identifiers"]
    assert set(entity["origin"]) <= ORIGIN and entity["origin"]["name"]
    assert entity.get("state_class") in STATE_CLASSES
    assert entity["value_template"] == f"{{{{ value_json.{key} }}}}"
    assert entity["icon"].startswith("mdi:") if "icon" in entity else entity["device_class"]


def test_every_entity_is_as_home_assistant_wants_it():
    found = discovery(PLACE, START)
    for topic, entity in found.items():
        _check_schema(topic, json.loads(json.dumps(entity)))
    assert len({entity["unique_id"] for entity in found.values()}) == len(ENTITIES) == 5
    other = discovery(replace(PLACE, name="garden"), START)
    assert not set(found) & set(other), "two runs have entities of their own"


class Clock:
    """Seconds that a test sets."""

    def __init__(self):
        self.now_s = 100.0

    def __call__(self):
        return self.now_s


def _measures(eyes, turned_deg):
    return FaceMeasures(eyes, eyes, 0.0, 0.0, turned_deg, 20.0, 21.0)


@pytest.fixture
def state(monkeypatch):
    monkeypatch.setattr("edge.sinks.homeassistant.temperature_c", lambda: 51.4)
    clock = Clock()
    home = HomeState(clock)

    def after(result, seconds=1.0):
        clock.now_s += seconds
        return home.after(result)

    return after


def test_a_state_says_who_looks_with_open_eyes(state, make_result):
    pose = np.float32([-31.6, 2.0, 1.0])
    seen = make_result(measures=_measures(0.3, 5.0), pose_deg=pose)
    expected = {"faces": 1, "looking": "ON", "eyes_open": "ON", "yaw_deg": -32, "temperature_c": 51}
    assert state(seen) == expected
    away = make_result(measures=_measures(0.1, 45.0), pose_deg=pose)
    assert state(away) == expected | {"looking": "OFF", "eyes_open": "OFF"}
    nobody = {"faces": 0, "looking": "OFF", "eyes_open": None, "yaw_deg": None}
    assert state(make_result(faces=0)) == expected | nobody
    assert set(expected) == set(ENTITIES)


def test_a_state_comes_once_a_second_and_a_blink_is_none(state, make_result):
    wide, shut = (make_result(measures=_measures(eyes, 5.0)) for eyes in (0.3, 0.05))
    assert state(wide)["eyes_open"] == "ON"
    for result in (shut, shut, wide, shut):
        assert state(result, seconds=0.2) is None
    assert state(shut, seconds=0.3) is None, "the same state as before"
    assert state(shut)["eyes_open"] == "OFF", "shut for all of a second"


def test_the_same_state_is_sent_again_now_and_then(state, make_result):
    nobody = make_result(faces=0)
    sent = [state(nobody) is not None for _ in range(2 * int(AGAIN_S) + 2)]
    assert sent.count(True) == 3 and sent[0]


@needs_mosquitto
def test_what_home_assistant_finds_at_the_broker_when_it_starts_later(tmp_path, make_result):
    """Configurations and states are kept, availability follows the run."""
    pytest.importorskip("paho.mqtt.client", reason="pip install 'edge-landmarks[mqtt]'")
    broker = Mosquitto(tmp_path)
    broker.start()
    try:
        publishing = Publishing(Broker("127.0.0.1", broker.port), "door", homeassistant=True)
        with open_mqtt(publishing, START) as sink:
            sink.write(make_result(0, measures=_measures(0.3, 5.0)))
            late = broker.listen()
            broker.until(lambda heard: len(heard) >= len(ENTITIES) + 2)
            found = dict(broker.heard)
            entities = {t: said for t, said in found.items() if t.startswith("homeassistant/")}
            assert len(entities) == len(ENTITIES)
            for topic, entity in entities.items():
                _check_schema(topic, entity)
                assert found[entity["availability_topic"]]["event"] == "start"
                assert topic.split("/")[3] in found[entity["state_topic"]]
            sink.event(Event("camera_lost", time.monotonic_ns(), "unplugged"))
            lost = dict.fromkeys(ENTITIES)
            broker.until(lambda heard: (PLACE.state_topic, lost) in heard)
        broker.until(lambda heard: heard[-1][1].get("event") == "end")
        late.loop_stop()
    finally:
        broker.stop()
