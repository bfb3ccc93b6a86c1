"""``make test-wheel``: the wheel, installed where there is no checkout, does what it promises.

Not collected by ``make test``: it needs a package index and a minute or two.
"""

from __future__ import annotations

import json
import shutil
import zipfile

import pytest

from edge.models import shipped_models
from tests.install.environment import CHECKOUT, build_wheel, make_environment

MOST_BYTES = 10 * 2**20  # of the wheel


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    return build_wheel(tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    return make_environment(tmp_path_factory.mktemp("environment") / "env", (str(wheel),))


@pytest.fixture(scope="module")
def calib_data(installed):
    return installed.package_folder("calib_data")


def test_models_faces_recipes_and_terms_are_in_the_wheel(wheel):
    names = set(zipfile.ZipFile(wheel).namelist())
    wanted = {f"edge/models/{path.name}" for path in shipped_models()}
    patterns = (
        "calib_data/faces/*",
        "calib_data/*.mp4",
        "train/settings/recipes/*.toml",
        "*/py.typed",
    )
    for pattern in patterns:
        wanted |= {path.relative_to(CHECKOUT).as_posix() for path in CHECKOUT.glob(pattern)}
    wanted |= {"calib_data/clip.mp4", "train/weights/asmpip-144.keras"}
    assert len(wanted) > 300
    assert not wanted - names
    assert {name.split("/")[-1] for name in names} >= {"LICENSE", "NOTICE"}


def test_nothing_but_the_project_is_in_the_wheel(wheel):
    packages = {"calib_data", "command_line", "edge", "edge_landmarks", "landmarks"}
    packages |= {"quantize", "train"}
    names = zipfile.ZipFile(wheel).namelist()
    tops = {name.split("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == packages
    baselines = [name for name in names if name.startswith("train/baselines/")]
    assert baselines == ["train/baselines/__init__.py"]  # and none of the networks


def test_the_wheel_is_small(wheel):
    assert wheel.stat().st_size <= MOST_BYTES


def test_what_only_the_repository_needs_is_not_in_the_wheel(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    assert [name for name in names if name.endswith(".keras")] == ["train/weights/asmpip-144.keras"]
    generator = [name for name in names if name.startswith("calib_data/") and name.endswith(".py")]
    assert generator == ["calib_data/__init__.py"]
    assert not {"calib_data/sampler.npz", "calib_data/clip.jsonl"} & set(names)


def test_it_is_not_the_checkout_that_runs(installed):
    assert installed.package_folder("edge").is_relative_to(installed.folder)


def test_the_base_install_stays_small(installed):
    listed = json.loads(installed.run("python", "-m", "pip", "list", "--format=json"))
    names = {entry["name"].lower() for entry in listed}
    assert {"numpy", "ai-edge-litert"} <= names
    assert not names & {"tensorflow", "tensorflow-cpu", "keras", "onnx", "onnxruntime", "torch"}


def test_edge_run_on_a_picture_and_a_clip(installed, calib_data):
    (line,) = installed.run(
        "edge-run", "--source", str(calib_data / "faces/face_000.jpg")
    ).splitlines()
    assert len(json.loads(line)["faces"][0]["points"]) == 68
    lines = installed.run(
        "edge-run", "--source", str(calib_data / "clip.mp4"), "--max-frames", "10"
    ).splitlines()
    assert [len(json.loads(line)["faces"]) for line in lines] == [1] * 10


def test_edge_doctor_finds_everything_that_is_needed(installed):
    findings = json.loads(installed.run("edge-doctor", "--json"))["findings"]
    assert {finding["state"] for finding in findings if finding["needed"]} == {"ok"}


def test_edge_bench_writes_its_report(installed, calib_data, tmp_path):
    faces = str(calib_data / "faces")
    installed.run(
        *("edge-bench", "--models", "default", "--quick", "--data", faces, "--out", str(tmp_path))
    )
    assert (tmp_path / "report.json").exists()
    assert "asmpip" in (tmp_path / "report.md").read_text()


def test_examples_run_beside_a_train_py_of_the_user(installed, calib_data, tmp_path):
    (tmp_path / "train.py").write_text("raise SystemExit('the train.py of the user')")
    for name, last_line in (
        ("blink_counter.py", "4 blinks"),
        ("drowsiness_alarm.py", "1 alarms, 2 yawns, PERCLOS 14%"),
    ):
        shutil.copy(CHECKOUT / "examples" / name, tmp_path)
        said = installed.run("python", str(tmp_path / name), str(calib_data / "drowsy.mp4"))
        assert said.splitlines()[-1] == last_line
