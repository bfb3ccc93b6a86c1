"""``make test-tflite-runtime``: the device's code on the old interpreter, and what that costs.

tflite-runtime 2.14 is the last of its kind (2023): Python 3.11, NumPy 1, and its XNNPACK does not
take INT8 graphs. Not collected by ``make test``: it needs Python 3.11 and a package index.
"""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tests.install.environment import CHECKOUT, build_wheel, make_environment

OLD = ("tflite-runtime==2.14.0", "numpy==1.26.4", "opencv-python-headless==4.11.0.86")
MODEL = "asmpip-144-int8.tflite"
N_FACES = 100
NME_POINTS = 0.1
ERROR = CHECKOUT / "tests/arm/inside/error.py"
SPEED = CHECKOUT / "tests/install/speed.py"

if sys.version_info[:2] != (3, 11):
    pytest.skip("tflite-runtime 2.14 has no wheel past Python 3.11", allow_module_level=True)


@pytest.fixture(scope="module")
def old(tmp_path_factory):
    folder = tmp_path_factory.mktemp("old")
    wheel = str(build_wheel(folder))
    return make_environment(folder / "env", OLD, ("--no-deps", wheel))


def here(*command: str) -> str:
    """Run Python of this environment, where LiteRT is; return its stdout."""
    done = subprocess.run(
        [sys.executable, *command], cwd=CHECKOUT, capture_output=True, text=True, check=True
    )
    return done.stdout


def test_only_the_old_interpreter_is_there(old):
    listed = json.loads(old.run("python", "-m", "pip", "list", "--format=json"))
    names = {entry["name"].lower() for entry in listed}
    assert {"tflite-runtime", "tflite_runtime"} & names
    assert not {"ai-edge-litert", "ai_edge_litert"} & names


def test_the_error_is_that_of_litert(old):
    there = json.loads(old.run("python", str(ERROR), str(N_FACES), MODEL))
    ours = json.loads(here("-m", "tests.arm.inside.error", str(N_FACES), MODEL))
    figures = [report["nme_percent"][MODEL] for report in (there, ours)]
    print("NME tflite-runtime {:.3f} %, LiteRT {:.3f} %".format(*figures))
    assert there["n"] == ours["n"] == N_FACES
    assert abs(figures[0] - figures[1]) < NME_POINTS


def test_the_commands_work(old):
    data = old.package_folder("calib_data")
    lines = old.run("edge-run", "--source", str(data / "clip.mp4"), "--max-frames", "5")
    assert [len(json.loads(line)["faces"]) for line in lines.splitlines()] == [1] * 5


def test_the_doctor_tells_the_user_what_it_costs(old):
    findings = json.loads(old.run("edge-doctor", "--json"))["findings"]
    (detail,) = [f["detail"] for f in findings if f["what"] == "TFLite interpreter"]
    assert detail.startswith("tflite-runtime (INT8 without XNNPACK, 9 times slower")
    assert "pip install ai-edge-litert" in detail


def test_its_speed_is_told_beside_that_of_litert(old):
    """No limit: the figure is for the documentation, and differs between processors."""
    slow_ms, fast_ms = [], []
    for _ in range(3):  # in turns, so that other work on the machine meets both
        slow_ms.append(float(old.run("python", str(SPEED), MODEL)))
        fast_ms.append(float(here("-m", "tests.install.speed", MODEL)))
    slow, fast = min(slow_ms), min(fast_ms)
    print(f"tflite-runtime {slow:.2f} ms, LiteRT {fast:.2f} ms: {slow / fast:.1f} times")
    assert slow > 0 and fast > 0
