"""A page in headless Chromium, by the DevTools protocol: clicks, console, requests and picture."""

from __future__ import annotations

import base64
import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

PROGRAMS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
OPTIONS = ("--headless", "--no-sandbox", "--disable-gpu", "--remote-debugging-port=0")
START_S, ANSWER_S, POLL_S = 20.0, 20.0, 0.05


class Page:
    """One tab.

    Attributes:
        complaints: the errors and warnings of its console, so far.
        requests: the addresses that it asked for, so far.
    """

    def __init__(self, socket: Any) -> None:
        self._socket = socket
        self._sent = 0
        self.complaints: list[str] = []
        self.requests: list[str] = []
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Send a command and return its result; what is said meanwhile is listened to."""
        self._sent += 1
        self._socket.send(json.dumps({"id": self._sent, "method": method, "params": parameters}))
        while True:
            message = json.loads(self._socket.recv(timeout=ANSWER_S))
            if message.get("id") == self._sent:
                assert "error" not in message, message["error"]
                return dict(message["result"])
            self._listen(message)

    def _listen(self, message: dict[str, Any]) -> None:
        parameters = message.get("params", {})
        if message["method"] == "Runtime.exceptionThrown":
            self.complaints.append(str(parameters["exceptionDetails"]))
        elif message["method"] == "Runtime.consoleAPICalled":
            if parameters["type"] in ("error", "warning", "assert"):
                self.complaints.append(str(parameters["args"]))
        elif message["method"] == "Log.entryAdded":
            if parameters["entry"]["level"] in ("error", "warning"):
                self.complaints.append(parameters["entry"]["text"])
        elif message["method"] == "Network.requestWillBeSent":
            self.requests.append(parameters["request"]["url"])

    def open(self, url: str) -> None:
        self.call("Page.navigate", url=url)

    def run(self, script: str) -> Any:
        """Return the value of an expression in the page, awaited."""
        answer = self.call(
            "Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True
        )
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def wait_for(self, script: str, seconds: float = 15.0) -> None:
        """Wait until an expression is true."""
        until = time.monotonic() + seconds
        while not self.run(script):
            assert time.monotonic() < until, f"never true: {script}; {self.complaints}"
            time.sleep(POLL_S)

    def resize(self, width: int, height: int, *, scheme: str, pixel_ratio: float = 1.0) -> None:
        """Show the page on a screen of this size, in ``dark`` or ``light``."""
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=pixel_ratio,
            mobile=width < 500,
        )
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        self.call("Emulation.setEmulatedMedia", features=features)

    def screenshot(self) -> bytes:
        """Return what the screen shows, PNG."""
        return base64.b64decode(self.call("Page.captureScreenshot", format="png")["data"])


@contextmanager
def headless_browser() -> Iterator[Page]:
    """Yield the only tab of a browser with an empty profile; skip the test where there is none."""
    client = pytest.importorskip("websockets.sync.client", reason="needs edge-landmarks[live]")
    program = next(filter(None, map(shutil.which, PROGRAMS)), None)
    if program is None:
        pytest.skip(f"no browser: install one of {', '.join(PROGRAMS)}")
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        process = subprocess.Popen(
            [program, *OPTIONS, f"--user-data-dir={profile}", "about:blank"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # some start by a script, whose browser would outlive it
        )
        try:
            port = _port(Path(profile) / "DevToolsActivePort")
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/json/list") as answer:
                (tab,) = [tab for tab in json.load(answer) if tab["type"] == "page"]
            # Between two tests nobody reads, while a page goes on reporting: no limit on what
            # waits, and no ping, whose answer would wait behind it.
            with client.connect(
                tab["webSocketDebuggerUrl"], max_size=None, max_queue=None, ping_interval=None
            ) as socket:
                yield Page(socket)
        finally:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait()


def _port(file: Path) -> int:
    """The browser writes its port into a file of its profile once it listens."""
    until = time.monotonic() + START_S
    while not (file.exists() and file.read_text().strip()):
        assert time.monotonic() < until, "the browser did not start"
        time.sleep(POLL_S)
    return int(file.read_text().splitlines()[0])
