"""Strangers connect to the live page by the thousand and say nothing, while a run records."""

from __future__ import annotations

import json
import re
import resource
import signal
import socket
from contextlib import ExitStack, contextmanager

import pytest

from edge.camera import CameraRequest
from edge.camera.choose import open_source

client = pytest.importorskip("websockets.sync.client", reason="needs edge-landmarks[live]")

TOKEN = "a-token-for-tests"
OPEN_FILES = 256  # of the run; fewer than there are strangers


@contextmanager
def _many_open_files(number):
    """Let this process open that many files."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < number:
        pytest.skip(f"this process may open {hard} files, {number} are needed")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, number), hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def _flooded(start, folder, strangers):
    """Record while strangers knock; check that nothing was lost."""
    out, recording = folder / "faces.jsonl", folder / "session"
    arguments = ["--live", "0.0.0.0:0", "--live-token", TOKEN]
    run = start(*arguments, "--record", recording, "--output", out, open_files=OPEN_FILES)

    def frames():
        return out.read_text().count("\n") if out.exists() else 0

    run.wait_until(lambda: frames() > 5)
    port = int(re.search(r"^live: http://.*:(\d+)/", run.said, re.MULTILINE)[1])
    with ExitStack() as stack:
        for _ in range(strangers):
            stranger = socket.create_connection(("127.0.0.1", port), timeout=10)
            stack.callback(stranger.close)
        before = frames()
        run.wait_until(lambda: frames() > before + 20)
        url, offers = f"ws://127.0.0.1:{port}/frames", ["edge-landmarks", f"token.{TOKEN}"]
        with client.connect(url, subprotocols=offers) as page:
            page.send("next")
            assert len(page.recv(timeout=10)) > 1000, "who knows the token is let in"
        before = frames()
        run.wait_until(lambda: frames() > before + 20)
    run.process.send_signal(signal.SIGTERM)
    assert run.end() == 0, run.said
    assert "Traceback" not in run.said and "Too many open files" not in run.said
    assert len(run.said.splitlines()) < 12, "the journal stays short"
    assert "--record" not in run.said and "--output" not in run.said, "and nothing was dropped"
    records = [json.loads(line) for line in out.read_text().splitlines()]
    with open_source(str(recording), CameraRequest(640, 480, 30)) as source:
        replayed = [frame.index for frame in source.frames if frame.image is not None]
    assert replayed == [record["frame"] for record in records if "frame" in record]


def test_a_flood_of_strangers_costs_no_frame(start, tmp_path):
    _flooded(start, tmp_path, strangers=OPEN_FILES + 50)


@pytest.mark.slow
@pytest.mark.parametrize("time", range(10))
def test_a_thousand_strangers_cost_no_frame(start, tmp_path, time):
    with _many_open_files(2000):
        _flooded(start, tmp_path, strangers=1050)
