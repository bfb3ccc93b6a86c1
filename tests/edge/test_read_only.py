"""A machine on which nothing can be written: a read-only root without tmpfs, or a full card."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from edge.doctor import main
from edge.runtime.litert import PIPE_BYTES, _without_announcements

ROOT = Path(__file__).resolve().parents[2]
REMOUNT = "mount -o remount,ro,bind / && for f in /tmp /var/tmp; do test ! -w $f || exit 99; done"
CANNOT = "needs root, and a root file system that holds /tmp"


def _on_a_read_only_root(module, *arguments):
    """Run a command where nothing but /dev and /proc can be written."""
    command = f"{REMOUNT}; cd /; exec {sys.executable} -m {module} {' '.join(arguments)}"
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": "/nowhere"}
    try:
        done = subprocess.run(
            ["unshare", "-m", "bash", "-c", command],
            capture_output=True,
            text=True,
            env=environment,
            timeout=120,
        )
    except FileNotFoundError:
        pytest.skip("no unshare here")
    if done.returncode == 99 or "unshare" in done.stderr or "mount:" in done.stderr:
        pytest.skip(CANNOT)
    return done


@pytest.mark.parametrize("model", ["default", "asmpip-144-int8.onnx"])
def test_edge_run_needs_no_place_to_write(model, faces_dir):
    if model.endswith(".onnx"):
        pytest.importorskip("onnxruntime", reason="needs edge-landmarks[onnx]")
    picture = str(faces_dir / "face_000.jpg")
    done = _on_a_read_only_root("edge.run", "--source", picture, "--model", model)
    assert (done.returncode, len(json.loads(done.stdout)["faces"])) == (0, 1), done.stderr
    assert "1 frames, 1 faces" in done.stderr and len(done.stderr.splitlines()) == 2


def test_edge_doctor_says_that_no_folder_can_be_written(monkeypatch, capsys):
    def none():
        raise FileNotFoundError("No usable temporary directory found")

    monkeypatch.setattr("tempfile.gettempdir", none)
    assert main([]) == 0
    said = capsys.readouterr().out
    assert "missing  temporary folder: none can be written" in said
    assert said.count("sealed, loads and answers") >= 4


def test_what_a_runtime_says_is_passed_on_but_for_its_announcements(capfd):
    with _without_announcements():
        os.write(2, b"INFO: Created TensorFlow Lite XNNPACK delegate for CPU.\nERROR: odd\nlast")
    assert capfd.readouterr().err == "ERROR: odd\nlast"


def test_a_runtime_that_says_nothing_or_too_much_is_not_waited_for(capfd):
    with _without_announcements():
        pass
    with _without_announcements():
        for _ in range(2 * PIPE_BYTES // 1000):
            try:
                os.write(2, b"x" * 999 + b"\n")
            except BlockingIOError:
                break
    said = capfd.readouterr().err
    assert 0 < len(said) <= PIPE_BYTES
