"""``--mqtt [USER@]HOST[:PORT][/TOPIC]``: results to an MQTT broker, landmarks and never pictures.

An extra: ``pip install 'edge-landmarks[mqtt]'``. Below TOPIC, ``frame`` and ``event`` have the
records of ``docs/output.md`` with the name of the run, and ``status/NAME`` is kept by the broker:
the start record while the run lives, then ``{"event": "end"}``, which the broker sends by itself if
the run vanishes. ``EDGE_MQTT_USER`` and ``EDGE_MQTT_PASSWORD`` log in; ``--mqtt-tls`` encrypts.
"""

from __future__ import annotations

import json
import os
import secrets
import sys
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from edge.sinks.broker import Broker
from edge.sinks.homeassistant import HomeState, Place, discovery
from edge.sinks.records import SCHEMA, Record, event_record, frame_record
from edge.stream import Event, FrameResult
from landmarks.errors import MissingExtraError

LONGEST_PAUSE_S = 30  # between attempts to reach the broker
ROOM = 64  # messages on their way; a broker that is slower loses frames
FIRST_CONTACT_S = 2.0
FAREWELL_S = 1.0


@dataclass(frozen=True)
class Publishing:
    """How results are published.

    Attributes:
        broker: where to.
        name: of this run at the broker; two runs of the same name share a status.
        homeassistant: whether Home Assistant is to find the run by itself.
    """

    broker: Broker
    name: str
    homeassistant: bool = False

    @property
    def place(self) -> Place:
        """Return the topics that are this run's alone."""
        topic = self.broker.topic
        return Place(self.name, f"{topic}/state/{self.name}", f"{topic}/status/{self.name}")


class Mqtt:
    """Publishes to a broker, which may be away; paho's own thread finds it again.

    Attributes:
        name: what the user calls it.
        dropped: messages that found no broker, one that was too slow, or one that went away.
    """

    def __init__(self, client: Any, publishing: Publishing) -> None:
        """Use a client that is connecting."""
        self.name, self.dropped = "--mqtt", 0
        self._client, self._publishing = client, publishing
        self._home = HomeState() if publishing.homeassistant else None
        self._on_the_way: deque[Any] = deque()

    def write(self, result: FrameResult) -> None:
        """Publish a frame, or drop it."""
        self._publish("frame", frame_record(result))
        if self._home is not None and result.frame.image is not None:
            self._publish_state(self._home.after(result))

    def event(self, event: Event) -> None:
        """Publish an event, or drop it."""
        self._publish("event", event_record(event))
        if self._home is not None and event.kind == "camera_lost":
            self._publish_state(self._home.without_camera())

    def _publish(self, name: str, record: Record) -> None:
        self._count_arrived()
        if not self._client.is_connected() or len(self._on_the_way) >= ROOM:
            self.dropped += 1
            return
        text = json.dumps({"instance": self._publishing.name, **record})
        message = self._client.publish(f"{self._publishing.broker.topic}/{name}", text)
        if message.rc == 0:
            self._on_the_way.append(message)
        else:  # the broker went away this very moment
            self.dropped += 1

    def _publish_state(self, state: Record | None) -> None:
        if state is not None and self._client.is_connected():  # else paho would keep them all
            topic = self._publishing.place.state_topic
            self._client.publish(topic, json.dumps(state), qos=1, retain=True)

    def _count_arrived(self) -> None:
        """Forget messages that have left, and count those that were lost with the connection."""
        while self._on_the_way:
            try:
                if not self._on_the_way[0].is_published():
                    return
            except (RuntimeError, ValueError):  # how paho says that it gave a message up
                self.dropped += 1
            self._on_the_way.popleft()


class _Status:
    """What the broker keeps of this run, and what others say under its name.

    Its methods are called by paho's thread.
    """

    def __init__(self, publishing: Publishing, start: Record) -> None:
        """Give the run a mark of its own."""
        self._publishing, self._topic = publishing, publishing.place.status_topic
        self._start = start
        self._own = {"instance": publishing.name, "run": secrets.token_hex(4)}
        self._warned = False
        self.answered = threading.Event()

    @property
    def will(self) -> str:
        """Return what the status is once the run is over."""
        return json.dumps({"schema": SCHEMA, "event": "end", **self._own})

    def greet(self, client: Any, _data: Any, _flags: Any, reason: Any, _properties: Any) -> None:
        """Say that the run lives; what others said before comes back first."""
        if reason.is_failure:
            self._warn(f"refuses: {reason}")
        else:
            client.subscribe(self._topic, qos=1)
            self._announce(client)
        self.answered.set()

    def miss(self, _client: Any, _data: Any) -> None:
        """Say why the broker cannot be reached."""
        # paho calls this while it handles the reason, which it keeps to itself
        self._warn(f"cannot be reached: {sys.exception()}; looking for it again and again")

    def hear(self, client: Any, _data: Any, message: Any) -> None:
        """Look at a status of this name, and repeat ours where another run has ended it."""
        try:
            said = json.loads(message.payload)
            ours = said["run"] == self._own["run"]
            ended = said["event"] == "end"
        except (ValueError, TypeError, KeyError):  # somebody else's
            return
        if ours or (ended and message.retain):
            return
        if ended:
            self._announce(client)
        else:
            self._warn(
                f"knows another run as {self._publishing.name}, or one that vanished a moment ago: "
                "give each --mqtt-name a name of its own"
            )

    def _announce(self, client: Any) -> None:
        record = {**self._start, **self._own}
        client.publish(self._topic, json.dumps(record), qos=1, retain=True)
        if self._publishing.homeassistant:
            for topic, entity in discovery(self._publishing.place, self._start).items():
                client.publish(topic, json.dumps(entity), qos=1, retain=True)

    def _warn(self, words: str) -> None:
        if not self._warned:  # once: paho goes on asking
            print(f"warning: --mqtt {self._publishing.broker.host} {words}", file=sys.stderr)
        self._warned = True


@contextmanager
def open_mqtt(publishing: Publishing, start: Record) -> Iterator[Mqtt]:
    """Connect, or go on trying to; frames are dropped until the broker answers.

    Args:
        publishing: where to and under which name.
        start: what the status says while the run lives.

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
    broker, topic = publishing.broker, publishing.place.status_topic
    status, client = _Status(publishing, start), Client(CallbackAPIVersion.VERSION2)
    if broker.tls is not None:
        client.tls_set_context(broker.tls.context())
    client.on_connect, client.on_connect_fail = status.greet, status.miss
    client.on_message = status.hear
    client.will_set(topic, status.will, qos=1, retain=True)
    if user := broker.user or os.environ.get("EDGE_MQTT_USER"):
        client.username_pw_set(user, os.environ.get("EDGE_MQTT_PASSWORD"))
    client.reconnect_delay_set(1, LONGEST_PAUSE_S)
    client.connect_async(broker.host, broker.port)
    client.loop_start()
    # the frames of a short file would be gone before the broker answers
    status.answered.wait(FIRST_CONTACT_S)
    try:
        yield Mqtt(client, publishing)
    finally:
        connected = client.is_connected()
        if connected:
            farewell = client.publish(topic, status.will, qos=1, retain=True)
            with suppress(RuntimeError, ValueError):  # the broker went away: its will says it
                farewell.wait_for_publish(FAREWELL_S)
        client.disconnect()
        if connected:  # else paho's thread may be waiting for a host that does not answer
            client.loop_stop()
