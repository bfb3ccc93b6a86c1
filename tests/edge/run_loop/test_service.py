from __future__ import annotations

import configparser
import shutil
import socket
import subprocess
from pathlib import Path

import pytest

import edge
from edge.run_config import parse
from edge.run_loop.service import ALIVE, READY, notify, notify_systemd
from landmarks.errors import ModelFileError, UsageError

UNIT = Path(edge.__file__).parent / "systemd" / "edge-run.service"


@pytest.fixture
def systemd(tmp_path, monkeypatch):
    """The end of the notification socket that systemd has."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as end:
        end.bind(str(tmp_path / "notify"))
        end.setblocking(False)
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        yield end


def _heard(systemd):
    heard = []
    while True:
        try:
            heard.append(systemd.recv(100).decode())
        except BlockingIOError:
            return heard


def test_the_first_item_says_ready_and_later_ones_that_the_run_is_alive(systemd, monkeypatch):
    monkeypatch.setenv("WATCHDOG_USEC", "0")
    assert list(notify_systemd(iter([None] * 4))) == [None] * 4
    assert _heard(systemd) == [READY, ALIVE, ALIVE, ALIVE]


def test_systemd_is_not_told_more_often_than_it_asks(systemd, monkeypatch):
    monkeypatch.setenv("WATCHDOG_USEC", "60000000")
    list(notify_systemd(iter([None] * 100)))
    assert _heard(systemd) == [READY]


def test_without_systemd_nothing_is_said_and_nothing_breaks(monkeypatch):
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    notify(READY)
    monkeypatch.setenv("NOTIFY_SOCKET", "/nowhere/notify")
    notify(READY)


def test_a_socket_without_a_file_is_reached(monkeypatch):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as end:
        end.bind("\0edge-run-test")
        monkeypatch.setenv("NOTIFY_SOCKET", "@edge-run-test")
        notify(READY)
        assert end.recv(100).decode() == READY


def test_the_unit_starts_edge_run_with_options_that_it_knows():
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str
    unit.read(UNIT)
    service = unit["Service"]
    assert service["ExecStart"].endswith("/bin/edge-run $EDGE_RUN_OPTIONS")
    assert service["Type"] == "notify"
    options = UNIT.read_text().partition("Environment=EDGE_RUN_OPTIONS=")[2].splitlines()[0]
    assert parse(options.split()).source is None
    stay_down = {UsageError.exit_code, ModelFileError.exit_code}
    assert {int(code) for code in service["RestartPreventExitStatus"].split()} == stay_down


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd-analyze here")
def test_systemd_accepts_the_unit(tmp_path):
    program = tmp_path / "edge-run"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    copy = tmp_path / "edge-run.service"
    copy.write_text(UNIT.read_text().replace("/opt/edge-landmarks/bin/edge-run", str(program)))
    done = subprocess.run(["systemd-analyze", "verify", copy], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert copy.name not in done.stderr
