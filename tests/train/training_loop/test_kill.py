"""The command ``fit`` in a process of its own under ``kill -9``.

``test_checkpoint`` has the fast variant: a stop between any two system calls of a save.
"""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import keras
import numpy as np
import pytest

CHECKOUT = Path(__file__).resolve().parents[3]
SCRIPT = Path(__file__).with_name("tiny_run.py")
EPOCHS = 30
HELD_OUT = ("--validation-percent", 20)
GIVE_UP_S = 1800  # of a process that hangs; a machine may be busy


def start(*arguments):
    command = [sys.executable, str(SCRIPT), "fit", *map(str, arguments)]
    environment = os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3", "PYTHONPATH": str(CHECKOUT)}
    return subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )


def new_run(prepared, out):
    small = ("--size", 64, "--batch", 4, "--epochs", EPOCHS)
    each_epoch = ("--set", "validate_every=1", "--early-stop", EPOCHS, *HELD_OUT)
    return start("--data", prepared, "--out", out, *small, *each_epoch)


def finish(process):
    _, messages = process.communicate(timeout=GIVE_UP_S)
    assert process.returncode == 0, messages.decode()


def kill_when(process, moment):
    """Kill as soon as ``moment`` has come; say whether it did before the process ended."""
    deadline = time.monotonic() + GIVE_UP_S
    while not moment() and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.0005)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    return process.returncode == -signal.SIGKILL


def weights_of(run):
    return keras.models.load_model(run / "model.keras", compile=False).get_weights()


def metrics_of(run):
    rows = (run / "metrics.csv").read_text().splitlines()
    return [row.rsplit(",", 1)[0] for row in rows]  # all but the seconds


@pytest.mark.slow
def test_run_that_is_killed_again_and_again_ends_as_an_unbroken_one(drawn_prepared, tmp_path):
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    finish(new_run(drawn_prepared, whole))
    checkpoint, chance = broken / "checkpoint", random.Random(5)
    later = 0.0

    def at_random():
        return (checkpoint / "last.npz").exists() and time.monotonic() > later

    moments = [
        lambda: (broken / "config.toml").exists(),
        lambda: any(checkpoint.glob(".next-*")),  # half written
        lambda: (checkpoint / "next.npz").exists(),  # complete, not yet in place
        lambda: any(broken.glob(".metrics-*")),
        at_random,
    ]
    process = new_run(drawn_prepared, broken)
    kills = 0
    for moment in moments:
        later = time.monotonic() + chance.uniform(5, 15)
        kills += kill_when(process, moment)
        process = start("--out", broken, "--resume")
    finish(process)
    assert kills >= 3, "the run was over before it could be killed"
    for one, other in zip(weights_of(whole), weights_of(broken), strict=True):
        np.testing.assert_array_equal(one, other)
    assert metrics_of(broken) == metrics_of(whole)
    assert not list(broken.rglob(".*-????????.*")), "half-written files were left"
