"""MQTT, against a real mosquitto where there is one."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
import time

import pytest

from edge.sinks.broker import Broker, Tls
from edge.sinks.mqtt import ROOM, Mqtt, Publishing, open_mqtt
from edge.stream import Event
from landmarks.errors import MissingExtraError
from landmarks.measures import FaceMeasures
from tests.edge.mosquitto import MOSQUITTO_PASSWD, Mosquitto, needs_mosquitto

START = {"schema": 1, "event": "start", "model": "planted"}


def test_without_paho_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "paho.mqtt.client", None)
    with (
        pytest.raises(MissingExtraError, match=r"edge-landmarks\[mqtt\]"),
        open_mqtt(Publishing(Broker("localhost"), "cam"), START),
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
    sink = Mqtt(client, Publishing(Broker("slow"), "cam"))
    for index in range(3 * ROOM):
        sink.write(make_result(index))
    assert client.given == ROOM
    assert sink.dropped == 2 * ROOM


class LeavingClient(SlowClient):
    """A client whose broker went away with every second message on its way."""

    def publish(self, topic, payload):
        self.given += 1
        lost = self.given % 2 == 0

        class Message:
            rc = 0

            def is_published(self):
                if lost:
                    raise RuntimeError("Message publish failed: The connection was lost.")
                return True

        return Message()


def test_messages_that_went_with_the_broker_are_counted_and_end_nothing(make_result):
    sink = Mqtt(LeavingClient(), Publishing(Broker("gone"), "cam"))
    for index in range(10):
        sink.write(make_result(index))
    assert sink.dropped == 4, "the last one is not known yet"


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
    with open_mqtt(Publishing(Broker("127.0.0.1", mosquitto.port, "door"), "cam"), START) as sink:
        measures = FaceMeasures(0.3, 0.31, 0.02, 0.0, 5.0, 20.0, 21.0)
        sink.write(make_result(3, sensor_ns=time.monotonic_ns(), measures=measures))
        sink.event(Event("camera_lost", 5, "unplugged"))
        mosquitto.until(lambda heard: len(heard) >= 3)
        assert sink.dropped == 0
    mosquitto.until(lambda heard: heard[-1][1]["event"] == "end")
    listener.loop_stop()
    said = dict(mosquitto.heard[:3])
    status = said["door/status/cam"]
    assert START.items() <= status.items() and status["instance"] == "cam"
    assert said["door/event"]["event"] == "camera_lost"
    frame = said["door/frame"]
    assert (frame["frame"], len(frame["faces"][0]["points"])) == (3, 68)
    assert frame["instance"] == said["door/event"]["instance"] == "cam"
    assert frame["faces"][0]["measures"] == measures.to_dict()


@needs_mosquitto
def test_a_broker_that_is_away_is_found_when_it_comes_and_again_when_it_is_back(
    mosquitto, make_result, monkeypatch
):
    """Away at the start, there, away in between: frames never wait, what is lost is counted."""
    monkeypatch.setattr("edge.sinks.mqtt.FIRST_CONTACT_S", 0.05)
    monkeypatch.setattr("edge.sinks.mqtt.LONGEST_PAUSE_S", 1)
    with open_mqtt(Publishing(Broker("127.0.0.1", mosquitto.port), "cam"), START) as sink:
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
        with open_mqtt(Publishing(Broker("127.0.0.1", mosquitto.port), "cam"), START) as sink:
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
    with open_mqtt(
        Publishing(Broker("127.0.0.1", port, "door", Tls(certificate[0])), "cam"), START
    ) as sink:
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
        "import os, sys\nfrom edge.sinks.broker import Broker\n"
        "from edge.sinks.mqtt import Publishing, open_mqtt\n"
        f"publishing = Publishing(Broker('127.0.0.1', {mosquitto.port}), 'cam')\n"
        f"with open_mqtt(publishing, {START!r}):\n"
        "    sys.stdin.readline()\n    os._exit(9)\n"
    )
    run = subprocess.Popen([sys.executable, "-c", script], stdin=subprocess.PIPE)
    mosquitto.until(lambda heard: heard and heard[-1][1]["event"] == "start", timeout_s=30)
    run.communicate(b"\n")
    mosquitto.until(lambda heard: heard[-1][1]["event"] == "end")
    listener.loop_stop()


def _fill_and_kill(mosquitto, sink, result):
    """Let a broker take nothing until messages wait for it, then kill it; go on writing."""
    mosquitto.freeze()
    deadline, before = time.monotonic() + 30, sink.dropped
    while sink.dropped == before:
        sink.write(result)
        assert time.monotonic() < deadline
    mosquitto.kill()
    deadline, before = time.monotonic() + 30, sink.dropped
    while sink._on_the_way:
        sink.write(result)
        assert time.monotonic() < deadline
        time.sleep(0.01)
    assert sink.dropped >= before + ROOM, "what was on its way is counted"


def _broker_comes_and_goes(mosquitto, make_result, times):
    result = make_result(0, faces=20)
    mosquitto.start()
    with open_mqtt(Publishing(Broker("127.0.0.1", mosquitto.port), "cam"), START) as sink:
        for index in range(times):
            _fill_and_kill(mosquitto, sink, result)
            mosquitto.start()
            listener = mosquitto.listen()
            mosquitto.heard.clear()
            deadline = time.monotonic() + 30
            while not any(topic.endswith("/frame") for topic, _ in mosquitto.heard):
                sink.write(make_result(index))
                assert time.monotonic() < deadline
                time.sleep(0.02)
            listener.disconnect()
            listener.loop_stop()


@needs_mosquitto
def test_a_broker_that_dies_with_messages_on_their_way_ends_nothing(
    mosquitto, make_result, monkeypatch
):
    monkeypatch.setattr("edge.sinks.mqtt.LONGEST_PAUSE_S", 1)
    _broker_comes_and_goes(mosquitto, make_result, times=1)


@pytest.mark.slow
@needs_mosquitto
def test_a_broker_may_die_ten_times(mosquitto, make_result, monkeypatch):
    monkeypatch.setattr("edge.sinks.mqtt.LONGEST_PAUSE_S", 1)
    _broker_comes_and_goes(mosquitto, make_result, times=10)


@pytest.mark.slow
@needs_mosquitto
@pytest.mark.parametrize("time_", range(10))
def test_a_run_outlives_its_broker(mosquitto, start, tmp_path, time_):
    """Fifty frames a second; the broker hangs, then dies at once, in the midst of them."""
    mosquitto.start()
    out = tmp_path / "faces.jsonl"
    run = start("--output", out, "--mqtt", f"127.0.0.1:{mosquitto.port}", "--faces", "4")

    def frames():
        return out.read_text().count("\n") if out.exists() else 0

    run.wait_until(lambda: frames() > 20)
    mosquitto.freeze()
    before = frames()
    run.wait_until(lambda: frames() > before + 50)
    mosquitto.kill()
    before = frames()
    run.wait_until(lambda: frames() > before + 50)
    run.process.send_signal(signal.SIGTERM)
    assert run.end() == 0
    assert "Traceback" not in run.said and "--mqtt" in run.said.partition("dropped:")[2]
    numbers = [json.loads(line).get("frame") for line in out.read_text().splitlines()]
    assert numbers[1:] == sorted(set(numbers[1:])), "the file is whole"


@needs_mosquitto
def test_a_broker_that_goes_at_the_farewell_is_no_error(mosquitto, make_result):
    mosquitto.start()
    with open_mqtt(Publishing(Broker("127.0.0.1", mosquitto.port), "cam"), START) as sink:
        sink.write(make_result(0))
        mosquitto.kill()


def _statuses(mosquitto):
    return {topic: said["event"] for topic, said in mosquitto.heard if "/status/" in topic}


@needs_mosquitto
def test_two_runs_on_one_topic_each_have_a_status_and_a_name(mosquitto, make_result, capsys):
    mosquitto.start()
    broker = Broker("127.0.0.1", mosquitto.port)
    listener = mosquitto.listen()
    with open_mqtt(Publishing(broker, "long"), START) as sink:
        with open_mqtt(Publishing(broker, "short"), START) as other:
            other.write(make_result(7))
        sink.write(make_result(8))
        mosquitto.until(lambda heard: len([t for t, _ in heard if t.endswith("/frame")]) == 2)
        assert _statuses(mosquitto) == {
            "edge-landmarks/status/long": "start",
            "edge-landmarks/status/short": "end",
        }
    listener.loop_stop()
    frames = {said["instance"]: said["frame"] for topic, said in mosquitto.heard if "frame" in said}
    assert frames == {"short": 7, "long": 8}
    assert capsys.readouterr().err == ""


@needs_mosquitto
def test_two_runs_of_one_name_are_told_and_the_living_one_has_the_last_word(mosquitto, capsys):
    mosquitto.start()
    publishing = Publishing(Broker("127.0.0.1", mosquitto.port), "cam")
    listener = mosquitto.listen()
    with open_mqtt(publishing, START):
        with open_mqtt(publishing, START):
            mosquitto.until(lambda heard: len(heard) >= 2)
        mosquitto.until(lambda heard: [said["event"] for _, said in heard[-2:]] == ["end", "start"])
        assert mosquitto.heard[-1][1]["run"] == mosquitto.heard[0][1]["run"]
    listener.loop_stop()
    assert capsys.readouterr().err.count("knows another run as cam") == 2, "both were told"
