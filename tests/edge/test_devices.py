"""Which cameras there are and who has them, from a planted /dev, /sys and /proc."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from edge.camera.devices import describe_devices, hint, holders, video_devices


@pytest.fixture
def raspberry_pi(tmp_path):
    """A codec of the board, and a webcam with a device for pictures and one for metadata."""
    for number, name, bus, index in (
        (10, "bcm2835-codec-decode", "platform/soc", 0),
        (1, "HD Webcam: HD Webcam", "platform/scb/usb1/1-1", 1),
        (0, "HD Webcam: HD Webcam", "platform/scb/usb1/1-1", 0),
    ):
        (tmp_path / "dev").mkdir(exist_ok=True)
        (tmp_path / f"dev/video{number}").touch()
        hardware = tmp_path / "sys/devices" / bus / f"hardware{number}"
        hardware.mkdir(parents=True)
        entry = tmp_path / f"sys/class/video4linux/video{number}"
        entry.mkdir(parents=True)
        (entry / "name").write_text(f"{name}\n")
        (entry / "index").write_text(f"{index}\n")
        (entry / "device").symlink_to(hardware)
    return tmp_path


def test_usb_cameras_come_before_the_codecs_of_the_board(raspberry_pi):
    devices = video_devices(raspberry_pi)
    assert [device.path for device in devices] == ["/dev/video0", "/dev/video1", "/dev/video10"]
    assert [device.is_usb for device in devices] == [True, True, False]
    assert str(devices[0]) == "/dev/video0 (HD Webcam: HD Webcam)"


def test_cameras_are_named_and_the_rest_is_counted(raspberry_pi):
    assert "HD Webcam" in describe_devices(raspberry_pi)
    assert "1 of other kinds" in describe_devices(raspberry_pi)


def test_no_device_is_said_in_words(tmp_path):
    assert describe_devices(tmp_path) == "no /dev/video* at all"


def test_devices_without_a_word_in_sysfs_are_listed_all_the_same(tmp_path):
    (tmp_path / "dev").mkdir()
    (tmp_path / "dev/video0").touch()
    (device,) = video_devices(tmp_path)
    assert (device.path, device.is_usb) == ("/dev/video0", False)


def test_the_program_that_has_a_device_open_is_named(tmp_path):
    """Two processes on one camera: the second one says who the first is."""
    device = tmp_path / "video0"
    device.touch()
    assert holders(str(device)) == ()
    script = f"f = open({str(device)!r}); print('open', flush=True); input()"
    other = subprocess.Popen(
        [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    try:
        other.stdout.readline()
        assert holders(str(device)) == (f"{_command(other.pid)} (pid {other.pid})",)
        assert str(other.pid) in hint(str(device))
    finally:
        other.communicate(b"\n")


def test_a_device_without_permission_gets_the_advice_of_the_group(tmp_path, monkeypatch):
    device = tmp_path / "video0"
    device.touch()
    monkeypatch.setattr("os.access", lambda path, mode: False)
    assert "usermod -aG video" in hint(str(device))


def _command(pid):
    with open(f"/proc/{os.fspath(str(pid))}/comm") as comm:
        return comm.read().strip()
