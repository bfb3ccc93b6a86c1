"""What is read of --mqtt: brokers, logins, topics and names of runs."""

from __future__ import annotations

import pytest

from edge.run_config import parse
from edge.sinks.broker import NAME_FORM, Broker, Tls, run_name
from landmarks.errors import UsageError


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


@pytest.mark.parametrize(
    "text, broker",
    [
        ("pi@broker", Broker("broker", user="pi")),
        ("mqtt://broker.local:1884/home", Broker("broker.local", 1884, "home")),
        ("mqtt://pi@broker/a@b", Broker("broker", 1883, "a@b", user="pi")),
        ("mqtts://pi@[::1]", Broker("::1", 8883, tls=Tls(), user="pi")),
        ("broker/a@b", Broker("broker", 1883, "a@b")),
    ],
)
def test_an_address_may_name_its_scheme_and_who_logs_in(text, broker):
    assert Broker.parse(text) == broker


@pytest.mark.parametrize("text", ["pi:secret@broker", "mqtt://pi:sec@ret@broker/x", ":s@broker"])
def test_a_password_has_no_place_on_the_command_line(text):
    with pytest.raises(UsageError, match="EDGE_MQTT_PASSWORD"):
        Broker.parse(text)


@pytest.mark.parametrize(
    "host", ["..", "a..b", ".", "a" * 64, "a b", "a\0b", "a\n", "\udce9", "http:", "a?b", "a#b"]
)
def test_what_is_no_name_of_a_host_is_refused_before_anything_begins(host):
    with pytest.raises(UsageError):
        Broker.parse(host)


@pytest.mark.parametrize(
    "topic", ["a\x07b", "a\nb", "a\0", "\udce9", "$SYS/x", "#", "a/+", "a\x9f", "\uffff", "é" * 600]
)
def test_a_topic_that_a_broker_hangs_up_at_is_refused(topic):
    with pytest.raises(UsageError, match="TOPIC without"):
        Broker.parse(f"broker/{topic}")


@pytest.mark.parametrize(
    "source, end",
    [
        (None, "camera"),
        ("/dev/video0", "video0"),
        ("csi:1", "csi-1"),
        ("my clip.mp4", "my-clip"),
        ("rtsp://pi:secret@cam.local:554/1?pwd=secret", "cam-local-554"),
        ("rtsp://pi:se/cret@cam/1", "cam"),
        ("x" * 300, "x"),
        ("顔.jpg", ""),
    ],
)
def test_a_run_is_called_by_its_machine_and_its_source(monkeypatch, source, end):
    monkeypatch.setattr("socket.gethostname", lambda: "raspberrypi")
    name = run_name(source)
    assert NAME_FORM.fullmatch(name)
    assert name.startswith("raspberrypi") and name.endswith(end)
    assert "secret" not in name


def test_how_to_publish_needs_a_broker_and_a_name_fits_into_a_topic():
    source = ["--source", "a.jpg"]
    for option in (["--mqtt-name", "door"], ["--homeassistant"], ["--mqtt-tls"]):
        with pytest.raises(UsageError, match="how --mqtt publishes"):
            parse([*source, *option])
    for name in ("", "a/b", "a+b", "é", "x" * 65):
        with pytest.raises(UsageError, match="--mqtt-name"):
            parse([*source, "--mqtt", "broker", "--mqtt-name", name])
    outputs = parse([*source, "--mqtt", "pi@broker", "--mqtt-name", "door"]).outputs
    assert (outputs.mqtt.name, outputs.mqtt.broker.user) == ("door", "pi")
    assert outputs.mqtt.place.status_topic == "edge-landmarks/status/door"
