"""``edge-run`` with a planted camera, as a process of its own that tests look at from outside."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

SCRIPT = Path(__file__).with_name("planted_camera.py")
ROOT = SCRIPT.parents[2]


class Run:
    """An edge-run whose stderr goes to a file."""

    def __init__(
        self,
        folder,
        *arguments,
        stdout=subprocess.PIPE,
        fault="",
        hangup=signal.SIG_DFL,
        open_files=None,
    ):
        def prepare():
            signal.signal(signal.SIGHUP, hangup)
            if open_files is not None:
                resource.setrlimit(resource.RLIMIT_NOFILE, (open_files, open_files))

        self._said = folder / f"stderr-{time.monotonic_ns()}.txt"
        with self._said.open("w") as stderr:
            self.process = subprocess.Popen(
                [sys.executable, str(SCRIPT), "--camera", *arguments],
                cwd=ROOT,
                env={**_headless(), "FAULT": fault, "PYTHONPATH": str(ROOT)},
                stdout=stdout,
                stderr=stderr,
                preexec_fn=prepare,
            )

    @property
    def said(self):
        return self._said.read_text()

    def wait_until(self, condition, timeout_s=60):
        """Wait until something is so, while the run lives."""
        deadline = time.monotonic() + timeout_s
        while not condition():
            assert time.monotonic() < deadline, self.said
            assert self.process.poll() is None, self.said
            time.sleep(0.02)

    def lines(self, n):
        """The next lines of stdout, as records."""
        return [json.loads(self.process.stdout.readline()) for _ in range(n)]

    def end(self, timeout_s=60):
        """Wait for the end; the exit code."""
        self.process.communicate(timeout=timeout_s)
        return self.process.returncode


def _headless():
    """The environment of a shell over ssh: there is no display, and none is needed."""
    return {k: v for k, v in os.environ.items() if k not in ("DISPLAY", "WAYLAND_DISPLAY")}
