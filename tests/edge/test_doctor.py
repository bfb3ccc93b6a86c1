"""edge-doctor on machines that lack something: what is said, and whether it is an error."""

from __future__ import annotations

import json

import pytest

from edge.camera.devices import VideoDevice
from edge.doctor import main
from edge.health import Health
from edge.models import model_path

WEBCAM = VideoDevice("/dev/video0", "HD Webcam", is_usb=True, index=0)


@pytest.fixture
def ask(monkeypatch, capsys):
    """Plants what the doctor sees, and returns its exit code and its findings by name."""

    def ask(**planted):
        for name, value in planted.items():
            monkeypatch.setattr(f"edge.doctor.{name}", lambda *_, value=value: value)
        code = main(["--json"])
        report = json.loads(capsys.readouterr().out)
        return code, {finding["what"]: finding for finding in report["findings"]}

    return ask


def test_a_machine_without_any_camera_is_fit_for_files(ask):
    code, findings = ask(picamera_names=None, video_devices=())
    assert code == 0
    assert findings["Raspberry Pi cameras"]["state"] == "missing"
    assert "apt install python3-picamera2" in findings["Raspberry Pi cameras"]["detail"]


def test_cameras_are_named(ask):
    _, findings = ask(picamera_names=("imx708",), video_devices=(WEBCAM,), hint="")
    assert findings["Raspberry Pi cameras"]["detail"] == "imx708"
    assert findings["USB cameras"]["state"] == "ok"


def test_a_csi_camera_that_libcamera_does_not_see_gets_the_advice_of_the_cable(ask):
    _, findings = ask(picamera_names=())
    assert "cable" in findings["Raspberry Pi cameras"]["detail"]


def test_a_camera_without_permission_is_broken_and_says_what_to_do(ask):
    code, findings = ask(video_devices=(WEBCAM,), hint="no permission: sudo usermod -aG video")
    assert findings["USB cameras"]["state"] == "broken"
    assert "usermod" in findings["USB cameras"]["detail"]
    assert code == 0, "files can still be worked on"


def test_a_weak_power_supply_is_said_now_and_later(ask):
    _, findings = ask(read_health=Health(51.0, 600.0, "ondemand", 0x50001))
    assert findings["board"]["state"] == "broken"
    assert "under-voltage" in findings["board"]["detail"]
    assert "power supply" in findings["board"]["detail"]
    _, findings = ask(read_health=Health(51.0, 1500.0, "ondemand", 0x50000))
    assert findings["board"]["state"] == "ok"
    assert "since it was switched on: under-voltage, throttled" in findings["board"]["detail"]


def test_a_damaged_model_is_broken_and_an_error(ask, tmp_path):
    whole = model_path("default").read_bytes()
    damaged = tmp_path / "m.tflite"
    damaged.write_bytes(whole[:-100])
    code, findings = ask(shipped_models=(damaged,))
    assert code == 1
    assert findings["m.tflite"]["state"] == "broken"
    assert "truncated" in findings["m.tflite"]["detail"]


def test_a_missing_interpreter_is_an_error_with_the_command_that_installs_it(ask):
    code, findings = ask(find_spec=None)
    assert code == 1
    assert "pip install ai-edge-litert" in findings["TFLite interpreter"]["detail"]
    assert "edge-landmarks[mqtt]" in findings["mqtt"]["detail"]


def test_the_old_interpreter_will_do_and_its_cost_is_told(ask, monkeypatch):
    monkeypatch.setattr("edge.doctor.find_spec", lambda name: name == "tflite_runtime" or None)
    code, findings = ask()
    assert code == 0
    assert "9 times slower than ai-edge-litert" in findings["TFLite interpreter"]["detail"]


def test_the_text_has_a_line_for_each_finding(capsys):
    assert main([]) == 0
    text = capsys.readouterr().out
    for what in ("Python", "TFLite interpreter", "asmpip-144-int8.tflite", "board"):
        assert f"ok  {what}: " in text
