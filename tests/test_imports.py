"""Who may import whom: packages and the folders inside them import only what stands below them."""

from __future__ import annotations

import sys
import tomllib

import pytest

from tests.draw_imports import DOCUMENT, drawing, with_drawing
from tests.import_order import (
    CHECKOUT,
    INSIDE,
    PACKAGES,
    ROOT_MODULE,
    imports,
    modules,
    name_of,
    part_of,
    wrong_packages,
    wrong_parts,
)

NEVER_ON_THE_DEVICE = {"tensorflow", "keras", "onnx", "torch", "tf2onnx", "jax"}
MODULES = modules()


def inside(*packages):
    chosen = [path for path in MODULES if name_of(path).split("/")[0] in packages]
    return pytest.mark.parametrize("path", chosen, ids=name_of)


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_a_package_imports_only_packages_below_it(path):
    assert not wrong_packages(name_of(path), imports(path))


@inside(*INSIDE)
def test_a_folder_of_a_package_imports_only_folders_below_it(path):
    assert not wrong_parts(name_of(path), imports(path))


@pytest.mark.parametrize("package", INSIDE)
def test_an_order_names_all_that_lies_inside_its_package(package):
    parts = {part_of(name_of(path)) for path in MODULES if path.is_relative_to(CHECKOUT / package)}
    assert parts == {ROOT_MODULE, *INSIDE[package]}


def test_every_package_of_the_wheel_has_its_place():
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))
    wheel = project["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert set(wheel["packages"]) == set(PACKAGES)


def test_an_import_upward_would_be_seen():
    assert wrong_packages("edge/run.py", ["landmarks.boxes", "train.fit", "os"]) == ["train.fit"]
    assert wrong_packages("calib_data/mesh.py", ["edge.models"]) == ["edge.models"]
    assert wrong_packages("quantize/report.py", ["calib_data.face_pictures"])
    assert not wrong_packages("train/evaluate.py", ["edge.runtime.open_network"])
    upward = ["edge.sinks.Sink", "edge.run"]
    assert wrong_parts("edge/camera/watch.py", [*upward, "edge.stream.Frame"]) == upward
    assert wrong_parts("edge/__init__.py", ["edge.health.Health"])
    assert not wrong_parts("edge/sinks/choose.py", ["edge.sinks.Sink", "edge.live.open_live"])


@inside("edge", "edge_landmarks")
def test_device_needs_no_training_framework(path):
    tops = {name.split(".")[0] for name in imports(path)}
    assert not tops & NEVER_ON_THE_DEVICE
    if not name_of(path).startswith("edge/runtime/"):
        assert "onnxruntime" not in tops


@inside("landmarks")
def test_landmarks_needs_numpy_and_opencv_alone(path):
    tops = {name.split(".")[0] for name in imports(path)}
    assert tops <= {"landmarks", "numpy", "cv2"} | set(sys.stdlib_module_names)


def test_the_drawing_in_the_document_is_true():
    text = DOCUMENT.read_text(encoding="utf-8")
    assert with_drawing(text, drawing()) == text, "run python -m tests.draw_imports"


def test_an_old_drawing_is_replaced_and_the_text_around_it_stays():
    text = DOCUMENT.read_text(encoding="utf-8")
    old = with_drawing(text, "old")
    assert "old" in old and len(old) < len(text)
    assert with_drawing(old, drawing()) == with_drawing(text, drawing())
