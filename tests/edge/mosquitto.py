"""A real MQTT broker for tests, where the machine has mosquitto."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import threading
import time

import pytest

MOSQUITTO = shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin")
MOSQUITTO_PASSWD = shutil.which("mosquitto_passwd")

needs_mosquitto = pytest.mark.skipif(
    MOSQUITTO is None, reason="no mosquitto here: apt install mosquitto"
)


def _free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


class Mosquitto:
    """A broker of our own, which can be started and stopped, and somebody who listens to it."""

    def __init__(self, folder):
        self.port = _free_port()
        self._config = folder / "mosquitto.conf"
        self._config.write_text(f"listener {self.port} 127.0.0.1\nallow_anonymous true\n")
        self._process = None
        self.heard = []
        self._news = threading.Condition()

    def ask_for_a_password(self, user, password):
        passwords = self._config.with_name("passwords")
        passwords.write_text(f"{user}:{password}\n")
        subprocess.run([MOSQUITTO_PASSWD, "-U", passwords], check=True, capture_output=True)
        text = self._config.read_text().replace("anonymous true", "anonymous false")
        owner = "user root\n" if os.getuid() == 0 else ""  # else it may not read the folder
        self._config.write_text(f"{text}password_file {passwords}\n{owner}")

    def listen_encrypted(self, certificate, key):
        """Take encrypted connections too; return their port."""
        port = _free_port()
        owner = "user root\n" if os.getuid() == 0 else ""
        with self._config.open("a") as config:
            config.write(f"{owner}listener {port} 127.0.0.1\ncertfile {certificate}\n")
            config.write(f"keyfile {key}\n")
        return port

    def start(self):
        self._process = subprocess.Popen(
            [MOSQUITTO, "-c", str(self._config)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + 10
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                assert time.monotonic() < deadline
                time.sleep(0.02)

    def stop(self):
        if self._process is not None:
            self._process.send_signal(signal.SIGCONT)
            self._process.terminate()
            self._process.wait()
            self._process = None

    def freeze(self):
        """Let it take nothing more, its connections staying open."""
        self._process.send_signal(signal.SIGSTOP)

    def kill(self):
        """End it without a word to anybody."""
        self._process.kill()
        self._process.wait()
        self._process = None

    def listen(self):
        from paho.mqtt.client import Client
        from paho.mqtt.enums import CallbackAPIVersion

        def hear(client, data, message):
            with self._news:
                self.heard.append((message.topic, json.loads(message.payload)))
                self._news.notify_all()

        subscribed = threading.Event()
        client = Client(CallbackAPIVersion.VERSION2)
        client.on_message = hear
        client.on_connect = lambda c, *_: c.subscribe("#", qos=1)
        client.on_subscribe = lambda *_: subscribed.set()
        client.connect("127.0.0.1", self.port)
        client.loop_start()
        assert subscribed.wait(5)
        return client

    def until(self, condition, timeout_s=10):
        with self._news:
            assert self._news.wait_for(lambda: condition(self.heard), timeout_s), self.heard
