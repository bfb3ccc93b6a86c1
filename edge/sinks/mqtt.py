"""``--mqtt HOST[:PORT][/TOPIC]``: results to an MQTT broker, landmarks and never pictures.

An extra: ``pip install 'edge-landmarks[mqtt]'``. Below TOPIC, ``frame`` and ``event`` have the
records of ``docs/output.md``, and ``status`` is kept by the broker: the start record while the run
lives, then ``{"event": "end"}``, which the broker sends by itself if the run vanishes.
``EDGE_MQTT_USER`` and ``EDGE_MQTT_PASSWORD`` log in.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from edge.result import Event, FrameResult
from edge.sinks.records import SCHEMA, Record, event_record, frame_record
from landmarks.errors import MissingExtraError, UsageError

DEFAULT_PORT = 1883
DEFAULT_TOPIC = "edge-landmarks"
LONGEST_PAUSE_S = 30  # between attempts to reach the broker
ROOM = 64  # messages on their way; a broker that is slower loses frames
FIRST_CONTACT_S = 2.0
FAREWELL_S = 1.0
END: Record = {"schema": SCHEMA, "event": "end"}


@dataclass(frozen=True)
class Broker:
    """Where an MQTT broker listens, and the topic that all of ours lie below."""

    host: str
    port: int = DEFAULT_PORT
    topic: str = DEFAULT_TOPIC

    @classmethod
    def parse(cls, text: str) -> Broker:
        """Read ``HOST[:PORT][/TOPIC]``; an IPv6 address stands in brackets.

        Raises:
            UsageError: it is not of that form.
        """
        place, _, topic = text.partition("/")
        host, colon, port = place.rpartition(":") if not place.endswith("]") else (place, "", "")
        host = host if colon else place
        host = host.removeprefix("[").removesuffix("]")
        number = int(port) if port.isdecimal() else (DEFAULT_PORT if not colon else 0)
        topic = topic.strip("/")
        if not host or not 0 < number < 1 << 16 or set(topic) & set("#+"):
            raise UsageError(f"--mqtt {text}: expected HOST[:PORT][/TOPIC], TOPIC without # and +")
        return cls(host, number, topic or DEFAULT_TOPIC)


class Mqtt:
    """Publishes to a broker, which may be away; paho's own thread finds it again.

    Attributes:
        name: what the user calls it.
        dropped: messages that found no broker, or one that was too slow.
    """

    def __init__(self, client: Any, broker: Broker) -> None:
        """Use a client that is connecting."""
        self.name, self.dropped = "--mqtt", 0
        self._client, self._topic = client, broker.topic
        self._on_the_way: deque[Any] = deque()

    def write(self, result: FrameResult) -> None:
        """Publish a frame, or drop it."""
        self._publish("frame", frame_record(result))

    def event(self, event: Event) -> None:
        """Publish an event, or drop it."""
        self._publish("event", event_record(event))

    def _publish(self, name: str, record: Record) -> None:
        while self._on_the_way and self._on_the_way[0].is_published():
            self._on_the_way.popleft()
        if not self._client.is_connected() or len(self._on_the_way) >= ROOM:
            self.dropped += 1
            return
        message = self._client.publish(f"{self._topic}/{name}", json.dumps(record))
        if message.rc == 0:
            self._on_the_way.append(message)
        else:  # the broker went away this very moment
            self.dropped += 1


@contextmanager
def open_mqtt(broker: Broker, start: Record) -> Iterator[Mqtt]:
    """Connect, or go on trying to; frames are dropped until the broker answers.

    Args:
        broker: where to.
        start: what ``status`` says while the run lives.

    Raises:
        MissingExtraError: paho-mqtt is not installed.
    """
    try:
        from paho.mqtt.client import Client
        from paho.mqtt.enums import CallbackAPIVersion
    except ImportError:
        message = "--mqtt needs paho-mqtt: pip install 'edge-landmarks[mqtt]'"
        raise MissingExtraError(message) from None
    status = f"{broker.topic}/status"
    client = Client(CallbackAPIVersion.VERSION2)
    answered = threading.Event()

    def greet(_client: Any, _data: Any, _flags: Any, reason: Any, _properties: Any) -> None:
        if not reason.is_failure:
            client.publish(status, json.dumps(start), qos=1, retain=True)
        elif not answered.is_set():  # once: paho goes on asking
            print(f"warning: --mqtt {broker.host} refuses: {reason}", file=sys.stderr)
        answered.set()

    client.on_connect = greet
    client.will_set(status, json.dumps(END), qos=1, retain=True)
    if user := os.environ.get("EDGE_MQTT_USER"):
        client.username_pw_set(user, os.environ.get("EDGE_MQTT_PASSWORD"))
    client.reconnect_delay_set(1, LONGEST_PAUSE_S)
    client.connect_async(broker.host, broker.port)
    client.loop_start()
    # the frames of a short file would be gone before the broker answers
    answered.wait(FIRST_CONTACT_S)
    try:
        yield Mqtt(client, broker)
    finally:
        connected = client.is_connected()
        if connected:
            client.publish(status, json.dumps(END), qos=1, retain=True).wait_for_publish(FAREWELL_S)
        client.disconnect()
        if connected:  # else paho's thread may be waiting for a host that does not answer
            client.loop_stop()
