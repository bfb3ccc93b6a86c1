"""MQTT, against a real mosquitto where there is one."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import threading
import time

import pytest

from edge.sinks.mqtt import ROOM, Broker, Mqtt, Tls, open_mqtt
from edge.stream import Event
from landmarks.errors import MissingExtraError, UsageError
from landmarks.measures import FaceMeasures

MOSQUITTO = shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin")
MOSQUITTO_PASSWD = shutil.which("mosquitto_passwd")
START = {"schema": 1, "event": "start", "model": "planted"}

needs_mosquitto = pytest.mark.skipif(
    MOSQUITTO is None, reason="no mosquitto here: apt install mosquitto"
)


@pytest.mark.parametrize(
    "text, broker",
    [
        ("pi.local", Broker("pi.local", 1883, "edge-landmarks")),
        ("10.0.0.2:8883", Broker("10.0.0.2", 8883, "edge-landmarks")),
        ("pi/home/face", Broker("pi", 1883, "home/face")),
        ("pi:1884/home/", Broker("pi", 1884, "home")),
        ("[::1]:1884/x", Broker("::1", 1884, "x")),
        ("[fe80::1]", Broker("fe80::1", 1883, "edge-landmarks")),
    ],
)
def test_a_broker_is_host_port_and_topic(text, broker):
    assert Broker.parse(text) == broker


@pytest.mark.parametrize("text", ["", ":1883", "pi:many", "pi:0", "pi:70000", "pi/a/#", "pi/+/b"])
def test_anything_else_is_a_usage_error(text):
    with pytest.raises(UsageError, match=r"HOST\[:PORT\]"):
        Broker.parse(text)


def test_an_encrypted_connection_has_a_port_of_its_own():
    tls = Tls()
    assert Broker.parse("pi/home", tls) == Broker("pi", 8883, "home", tls)
    assert Broker.parse("pi:1884", tls) == Broker("pi", 1884, "edge-landmarks", tls)


@pytest.mark.parametrize("content", [None, b"", b"no certificate"])
def test_a_file_without_certificates_is_a_usage_error_that_names_it(tmp_path, content):
    authority = tmp_path / "ca.pem"
    if content is not None:
        authority.write_bytes(content)
    with pytest.raises(UsageError, match="ca.pem: .*expected a PEM file"):
        Tls(authority).context()


def test_without_paho_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "paho.mqtt.client", None)
    with (
        pytest.raises(MissingExtraError, match=r"edge-landmarks\[mqtt\]"),
        open_mqtt(Broker("localhost"), START),
    ):
        raise AssertionError("opened")


class SlowClient:
    """A client whose broker takes nothing."""

    def __init__(self):
        self.given = 0

    def is_connected(self):
        return True

    def publish(self, topic, payload):
        self.given += 1

        class Message:
            rc = 0

            def is_published(self):
                return False

        return Message()


def test_a_broker_that_takes_nothing_costs_messages_and_no_memory(make_result):
    client = SlowClient()
    sink = Mqtt(client, Broker("slow"))
    for index in range(3 * ROOM):
        sink.write(make_result(index))
    assert client.given == ROOM
    assert sink.dropped == 2 * ROOM


def _free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


class Mosquitto:
    """A broker of our own, which can be started and stopped, and somebody who listens to it."""

    def __init__(self, folder):
        self.port = _free_port()
        self._config = folder / "mosquitto.conf"
        self._config.write_text(f"listener {self.port} 127.0.0.1\nallow_anonymous true\n")
        self._process = None
        self.heard = []
        self._news = threading.Condition()

    def ask_for_a_password(self, user, password):
        passwords = self._config.with_name("passwords")
        passwords.write_text(f"{user}:{password}\n")
        subprocess.run([MOSQUITTO_PASSWD, "-U", passwords], check=True, capture_output=True)
        text = self._config.read_text().replace("anonymous true", "anonymous false")
        owner = "user root\n" if os.getuid() == 0 else ""  # else it may not read the folder
        self._config.write_text(f"{text}password_file {passwords}\n{owner}")

    def listen_encrypted(self, certificate, key):
        """Take encrypted connections too; return their port."""
        port = _free_port()
        owner = "user root\n" if os.getuid() == 0 else ""
        with self._config.open("a") as config:
            config.write(f"{owner}listener {port} 127.0.0.1\ncertfile {certificate}\n")
            config.write(f"keyfile {key}\n")
        return port

    def start(self):
        self._process = subprocess.Popen(
            [MOSQUITTO, "-c", str(self._config)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + 10
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                assert time.monotonic() < deadline
                time.sleep(0.02)

    def stop(self):
        if self._process is not None:
            self._process.terminate()
            self._process.wait()
            self._process = None

    def listen(self):
        from paho.mqtt.client import Client
        from paho.mqtt.enums import CallbackAPIVersion

        def hear(client, data, message):
            with self._news:
                self.heard.append((message.topic, json.loads(message.payload)))
                self._news.notify_all()

        subscribed = threading.Event()
        client = Client(CallbackAPIVersion.VERSION2)
        client.on_message = hear
        client.on_connect = lambda c, *_: c.subscribe("#", qos=1)
        client.on_subscribe = lambda *_: subscribed.set()
        client.connect("127.0.0.1", self.port)
        client.loop_start()
        assert subscribed.wait(5)
        return client

    def until(self, condition, timeout_s=10):
        with self._news:
            assert self._news.wait_for(lambda: condition(self.heard), timeout_s), self.heard


@pytest.fixture
def mosquitto(tmp_path):
    pytest.importorskip("paho.mqtt.client", reason="pip install 'edge-landmarks[mqtt]'")
    broker = Mosquitto(tmp_path)
    yield broker
    broker.stop()


@needs_mosquitto
def test_frames_events_and_status_arrive(mosquitto, make_result):
    mosquitto.start()
    listener = mosquitto.listen()
    with open_mqtt(Broker("127.0.0.1", mosquitto.port, "door"), START) as sink:
        measures = FaceMeasures(0.3, 0.31, 0.02, 0.0, 5.0, 20.0, 21.0)
        sink.write(make_result(3, sensor_ns=time.monotonic_ns(), measures=measures))
        sink.event(Event("camera_lost", 5, "unplugged"))
        mosquitto.until(lambda heard: len(heard) >= 3)
        assert sink.dropped == 0
    mosquitto.until(lambda heard: heard[-1][1]["event"] == "end")
    listener.loop_stop()
    said = dict(mosquitto.heard[:3])
    assert said["door/status"] == START
    assert said["door/event"]["event"] == "camera_lost"
    frame = said["door/frame"]
    assert (frame["frame"], len(frame["faces"][0]["points"])) == (3, 68)
    assert frame["faces"][0]["measures"] == measures.to_dict()


@needs_mosquitto
def test_a_broker_that_is_away_is_found_when_it_comes_and_again_when_it_is_back(
    mosquitto, make_result, monkeypatch
):
    """Away at the start, there, away in between: frames never wait, what is lost is counted."""
    monkeypatch.setattr("edge.sinks.mqtt.FIRST_CONTACT_S", 0.05)
    monkeypatch.setattr("edge.sinks.mqtt.LONGEST_PAUSE_S", 1)
    with open_mqtt(Broker("127.0.0.1", mosquitto.port), START) as sink:
        sink.write(make_result(0))
        assert sink.dropped == 1
        for round_ in (1, 2):
            mosquitto.start()
            mosquitto.heard.clear()
            listener = mosquitto.listen()
            mosquitto.until(lambda heard: any("status" in topic for topic, _ in heard))
            sink.write(make_result(round_))
            mosquitto.until(lambda heard: any("frame" in topic for topic, _ in heard))
            listener.disconnect()
            listener.loop_stop()
            mosquitto.stop()
            before = sink.dropped
            deadline = time.monotonic() + 10
            while sink.dropped == before:  # until paho notices
                sink.write(make_result(9))
                assert time.monotonic() < deadline
                time.sleep(0.02)


@needs_mosquitto
@pytest.mark.skipif(MOSQUITTO_PASSWD is None, reason="no mosquitto_passwd here")
def test_a_password_comes_from_the_environment_and_a_wrong_one_is_said(
    mosquitto, make_result, monkeypatch, capsys
):
    mosquitto.ask_for_a_password("pi", "right")
    mosquitto.start()
    monkeypatch.setenv("EDGE_MQTT_USER", "pi")
    for password, dropped in (("wrong", 1), ("right", 0)):
        monkeypatch.setenv("EDGE_MQTT_PASSWORD", password)
        with open_mqtt(Broker("127.0.0.1", mosquitto.port), START) as sink:
            sink.write(make_result(0))
            assert sink.dropped == dropped
    assert "refuses: Not authorized" in capsys.readouterr().err


@pytest.fixture
def certificate(tmp_path):
    """A certificate of 127.0.0.1 that vouches for itself, and its key."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("no openssl here")
    paths = tmp_path / "broker.pem", tmp_path / "broker.key"
    extensions = ("subjectAltName=IP:127.0.0.1", "keyUsage=critical,digitalSignature,keyCertSign")
    command = [openssl, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
    command += ["-nodes", "-subj", "/CN=broker", "-out", paths[0], "-keyout", paths[1]]
    for extension in extensions:
        command += ["-addext", extension]
    subprocess.run(command, check=True, capture_output=True)
    return paths


@needs_mosquitto
def test_frames_arrive_encrypted_at_a_broker_whose_certificate_is_vouched_for(
    mosquitto, certificate, make_result
):
    port = mosquitto.listen_encrypted(*certificate)
    mosquitto.start()
    listener = mosquitto.listen()
    with open_mqtt(Broker("127.0.0.1", port, "door", Tls(certificate[0])), START) as sink:
        sink.write(make_result(5))
        mosquitto.until(lambda heard: "door/frame" in dict(heard))
        assert sink.dropped == 0
    listener.loop_stop()


@needs_mosquitto
def test_a_broker_with_a_certificate_of_nobody_gets_nothing_and_the_reason_is_said(
    mosquitto, certificate, faces_dir
):
    port = mosquitto.listen_encrypted(*certificate)
    mosquitto.start()
    listener = mosquitto.listen()
    run = [sys.executable, "-m", "edge.run", "--source", str(faces_dir / "face_000.jpg")]
    run += ["--mqtt", f"127.0.0.1:{port}", "--mqtt-tls"]
    done = subprocess.run(run, capture_output=True, text=True, cwd=faces_dir.parents[1], timeout=60)
    listener.loop_stop()
    assert (done.returncode, len(done.stdout.splitlines())) == (0, 1)
    assert done.stderr.count("certificate verify failed") == 1
    assert "dropped: --mqtt 1" in done.stderr
    assert mosquitto.heard == []


@needs_mosquitto
def test_the_broker_says_that_a_run_has_vanished(mosquitto):
    mosquitto.start()
    listener = mosquitto.listen()
    script = (
        "import os, sys\nfrom edge.sinks.mqtt import Broker, open_mqtt\n"
        f"with open_mqtt(Broker('127.0.0.1', {mosquitto.port}), {START!r}):\n"
        "    sys.stdin.readline()\n    os._exit(9)\n"
    )
    run = subprocess.Popen([sys.executable, "-c", script], stdin=subprocess.PIPE)
    mosquitto.until(lambda heard: heard and heard[-1][1] == START, timeout_s=30)
    run.communicate(b"\n")
    mosquitto.until(lambda heard: heard[-1][1]["event"] == "end")
    listener.loop_stop()
