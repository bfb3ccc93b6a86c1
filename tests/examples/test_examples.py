"""Each example, run as a user would: a copy in a folder that has a ``train.py`` of their own."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from importlib.util import find_spec

import numpy as np
import pytest

from calib_data import CLIP_PATH, DROWSY_CLIP_PATH
from calib_data.clip import DROWSY, ClipPlan
from tests.conftest import CHECKOUT

EXAMPLES = sorted(path.name for path in (CHECKOUT / "examples").glob("*.py"))
BLINK_S = 0.28


@pytest.fixture
def run(tmp_path):
    """Runs an example in a folder that is the user's own; returns what it printed, line by line."""
    (tmp_path / "train.py").write_text("raise SystemExit('the train.py of the user was imported')")

    def run_example(name, *arguments, code=0, **environment):
        shutil.copy(CHECKOUT / "examples" / name, tmp_path)
        done = subprocess.run(
            [sys.executable, "-W", "error", name, *map(str, arguments)],
            cwd=tmp_path,
            env=os.environ | environment,
            capture_output=True,
            text=True,
        )
        assert done.returncode == code, done.stderr
        return (done.stdout if code == 0 else done.stderr).splitlines()

    return run_example


def times(lines, pattern):
    """Return the number that a pattern captures in each line that it matches."""
    return [float(found[1]) for line in lines if (found := re.match(pattern, line))]


@pytest.mark.parametrize(("clip", "plan"), [(CLIP_PATH, ClipPlan()), (DROWSY_CLIP_PATH, DROWSY)])
def test_blinks_are_counted_each_at_its_time(run, clip, plan):
    lines = run("blink_counter.py", clip)
    assert lines[-1] == f"{len(plan.blinks_s)} blinks"
    seen = times(lines, r"blink \d+ at ([\d.]+) s")
    for begin_s, found_s in zip(plan.blinks_s, seen, strict=True):
        assert begin_s <= found_s <= begin_s + BLINK_S


def test_a_face_that_yawns_and_nods_off_is_warned_once_and_its_yawns_are_counted(run):
    lines = run("drowsiness_alarm.py", DROWSY_CLIP_PATH)
    (alarm_s,) = times(lines, r"WAKE UP: eyes shut at ([\d.]+) s")
    ((begin_s, end_s),) = DROWSY.naps_s
    assert begin_s + 1 <= alarm_s <= end_s
    yawns = times(lines, r"yawn \d+: ([\d.]+) to")
    for (begin_s, end_s), found_s in zip(DROWSY.yawns_s, yawns, strict=True):
        assert begin_s < found_s < end_s
    assert lines[-1].startswith("1 alarms, 2 yawns, PERCLOS")


def test_a_face_that_talks_and_blinks_is_not_warned(run):
    (line,) = run("drowsiness_alarm.py", CLIP_PATH)
    assert line.startswith("0 alarms, 0 yawns")


def test_servo_turns_towards_the_face(run):
    if find_spec("gpiozero") is None:
        pytest.skip("gpiozero is not installed: pip install gpiozero")
    mock = {"GPIOZERO_PIN_FACTORY": "mock", "GPIOZERO_MOCK_PIN_CLASS": "mockpwmpin"}
    lines = run("face_servo.py", CLIP_PATH, **mock)
    steps = [re.match(r"frame \d+: face at ([\d.]+), servo ([-+][\d.]+)", line) for line in lines]
    assert len(steps) > 30 and all(steps)
    angle = 0.0
    for step in steps:
        share, now = float(step[1]), float(step[2])
        # a face on the right turns it right, until it can turn no further
        assert now < angle or now == -80 if share > 0.5 else now > angle or now == 80
        angle = now


def test_servo_without_gpiozero_says_what_to_install(run, tmp_path):
    (tmp_path / "gpiozero.py").write_text("raise ImportError")
    (line,) = run("face_servo.py", CLIP_PATH, code=1)
    assert line.endswith("pip install gpiozero")


def test_landmarks_of_a_film_become_arrays(run, tmp_path):
    (line,) = run("to_numpy.py", DROWSY_CLIP_PATH, "out.npz")
    assert line == f"out.npz: {DROWSY.n_frames} frames, {DROWSY.n_frames} with a face"
    with np.load(tmp_path / "out.npz") as arrays:
        assert arrays["points"].shape == (DROWSY.n_frames, 68, 2)
        assert arrays["time_s"][-1] == pytest.approx((DROWSY.n_frames - 1) / DROWSY.fps)
        (begin_s, end_s), _ = DROWSY.yawns_s
        yawning = (arrays["time_s"] > begin_s + 0.8) & (arrays["time_s"] < end_s - 0.8)
        assert arrays["mouth_open"][yawning].min() > 0.4


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_without_arguments_says_how_to_use_it(run, name):
    if name == "face_servo.py" and find_spec("gpiozero") is None:
        pytest.skip("gpiozero is not installed: pip install gpiozero")
    assert any(f"python {name}" in line for line in run(name, code=1))


@pytest.mark.parametrize("name", [n for n in EXAMPLES if n != "face_servo.py"])
def test_a_source_that_is_not_there_ends_an_example_in_one_line(run, name):
    out = ("out.npz",) if name == "to_numpy.py" else ()
    lines = run(name, "nothing.mp4", *out, code=1)
    assert lines[-1].startswith("nothing.mp4: ")


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_stands_on_the_public_package_alone(name):
    text = (CHECKOUT / "examples" / name).read_text()
    ours = set(
        re.findall(r"^(?:from|import) (edge\w*|landmarks|train|quantize|calib_data)", text, re.M)
    )
    assert ours == {"edge_landmarks"}
