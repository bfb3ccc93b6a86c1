"""Nothing of the machine leaves a program that opens an ONNX model: no identifier, no look-up."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LOOKS_UP_AFTER_S = 12  # ONNX Runtime 1.32 waits 10 s before it looks up the host of its telemetry
SCRIPT = """
import sys, time
from edge.runtime import open_network
network = open_network("edge/models/asmpip-144-int8.onnx", threads=1)
time.sleep(float(sys.argv[1]))
"""
ADDRESSES = "AF_INET"  # of IPv6, too; look-ups of the system's own sockets are AF_UNIX


def _run(home, *before, wait_s=0):
    pytest.importorskip("onnxruntime", reason="needs edge-landmarks[onnx]")
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("XDG_", "ORT_"))}
    return subprocess.run(
        [*before, sys.executable, "-c", SCRIPT, str(wait_s)],
        cwd=ROOT,
        env={**environment, "HOME": str(home), "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )


def test_an_onnx_model_leaves_no_file_in_the_home_of_the_user(tmp_path):
    done = _run(tmp_path)
    assert list(tmp_path.rglob("*")) == []
    assert done.stderr == ""


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("strace") is None, reason="no strace here: apt install strace")
def test_an_onnx_model_asks_nobody_on_the_network(tmp_path):
    calls = tmp_path / "calls.txt"
    strace = ("strace", "-f", "-qq", "-e", "trace=connect,sendto,sendmsg,sendmmsg", "-o", calls)
    _run(tmp_path / "home", *strace, wait_s=LOOKS_UP_AFTER_S)
    assert [line for line in calls.read_text().splitlines() if ADDRESSES in line] == []
