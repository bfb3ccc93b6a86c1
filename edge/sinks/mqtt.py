"""``--mqtt HOST[:PORT][/TOPIC]``: results to an MQTT broker, landmarks and never pictures.

An extra: ``pip install 'edge-landmarks[mqtt]'``. Below TOPIC, ``frame`` and ``event`` have the
records of ``docs/output.md``, and ``status`` is kept by the broker: the start record while the run
lives, then ``{"event": "end"}``, which the broker sends by itself if the run vanishes.
``EDGE_MQTT_USER`` and ``EDGE_MQTT_PASSWORD`` log in; ``--mqtt-tls`` encrypts.
"""

from __future__ import annotations

import json
import os
import ssl
import sys
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edge.sinks.records import SCHEMA, Record, event_record, frame_record
from edge.stream import Event, FrameResult
from landmarks.errors import MissingExtraError, UsageError

DEFAULT_PORT, DEFAULT_TLS_PORT = 1883, 8883
DEFAULT_TOPIC = "edge-landmarks"
LONGEST_PAUSE_S = 30  # between attempts to reach the broker
ROOM = 64  # messages on their way; a broker that is slower loses frames
FIRST_CONTACT_S = 2.0
FAREWELL_S = 1.0
END: Record = {"schema": SCHEMA, "event": "end"}


@dataclass(frozen=True)
class Tls:
    """An encrypted connection to a broker whose certificate is checked.

    Attributes:
        authority: PEM file of who must have signed it; None for those that the system trusts.
    """

    authority: Path | None = None

    def context(self) -> ssl.SSLContext:
        """Return the settings for a connection.

        Raises:
            UsageError: the file cannot be read as certificates.
        """
        try:
            return ssl.create_default_context(cafile=self.authority)
        except OSError as error:  # of ssl, too
            raise UsageError(
                f"--mqtt-tls {self.authority}: {error.strerror or error}, expected a PEM file of "
                "certificates"
            ) from None


@dataclass(frozen=True)
class Broker:
    """Where an MQTT broker listens, and the topic that all of ours lie below.

    Attributes:
        tls: None for a connection that is not encrypted.
    """

    host: str
    port: int = DEFAULT_PORT
    topic: str = DEFAULT_TOPIC
    tls: Tls | None = None

    @classmethod
    def parse(cls, text: str, tls: Tls | None = None) -> Broker:
        """Read ``HOST[:PORT][/TOPIC]``; an IPv6 address stands in brackets.

        Raises:
            UsageError: it is not of that form.
        """
        place, _, topic = text.partition("/")
        host, colon, port = place.rpartition(":") if not place.endswith("]") else (place, "", "")
        host = host if colon else place
        host = host.removeprefix("[").removesuffix("]")
        usual = DEFAULT_PORT if tls is None else DEFAULT_TLS_PORT
        number = int(port) if port.isdecimal() else (usual if not colon else 0)
        topic = topic.strip("/")
        if not host or not 0 < number < 1 << 16 or set(topic) & set("#+"):
            raise UsageError(f"--mqtt {text}: expected HOST[:PORT][/TOPIC], TOPIC without # and +")
        return cls(host, number, topic or DEFAULT_TOPIC, tls)


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
        UsageError: the certificates to check the broker's by cannot be read.
    """
    try:
        from paho.mqtt.client import Client
        from paho.mqtt.enums import CallbackAPIVersion
    except ImportError:
        message = "--mqtt needs paho-mqtt: pip install 'edge-landmarks[mqtt]'"
        raise MissingExtraError(message) from None
    status = f"{broker.topic}/status"
    client = Client(CallbackAPIVersion.VERSION2)
    if broker.tls is not None:
        client.tls_set_context(broker.tls.context())
    answered, warned = threading.Event(), threading.Event()

    def warn(words: str) -> None:
        if not warned.is_set():  # once: paho goes on asking
            print(f"warning: --mqtt {broker.host} {words}", file=sys.stderr)
        warned.set()

    def greet(connected: Any, _data: Any, _flags: Any, reason: Any, _properties: Any) -> None:
        if reason.is_failure:
            warn(f"refuses: {reason}")
        else:
            connected.publish(status, json.dumps(start), qos=1, retain=True)
        answered.set()

    def miss(_client: Any, _data: Any) -> None:
        # paho calls this while it handles the reason, which it keeps to itself
        warn(f"cannot be reached: {sys.exception()}; looking for it again and again")

    client.on_connect, client.on_connect_fail = greet, miss
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
