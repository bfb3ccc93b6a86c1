"""Who may import whom: landmarks <- train, landmarks <- edge, all of them <- quantize."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parent.parent
ROOMS = ("landmarks", "train", "quantize", "edge", "calib_data")
# The rooms that each room may import besides itself.
ALLOWED = {
    "landmarks": set(),
    "train": {"landmarks"},
    "edge": {"landmarks"},
    "quantize": {"landmarks", "train", "edge.runtime"},
    "calib_data": {"landmarks"},
}
# Published errors, and labels that networks give, come from the code of the device, models are
# shipped with it, self-training wants the boxes that the device's finder will draw, and frames are
# labelled by a finder that it can run: these modules alone cross over.
CROSSING = {
    "train/evaluation/evaluate.py": {"edge"},
    "train/models/any_network.py": {"edge"},
    "train/evaluation/describe.py": {"edge.models"},
    "train/evaluation/model_table.py": {"edge"},
    "train/datasets/folder.py": {"edge.finder"},
    "train/finder/compare.py": {"edge.finder"},
    "train/datasets/frames.py": {"edge.finder"},
}
NEVER_ON_THE_DEVICE = {"tensorflow", "keras", "onnx", "torch", "tf2onnx", "jax"}
MODULES = sorted(path for room in ROOMS for path in (CHECKOUT / room).rglob("*.py"))


def name_of(path: Path) -> str:
    return path.relative_to(CHECKOUT).as_posix()


every_module = pytest.mark.parametrize("path", MODULES, ids=name_of)


def imports(path: Path) -> Iterator[str]:
    """The absolute names that a module imports, anywhere in it."""
    package = path.relative_to(CHECKOUT).parent.parts
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            module = ".".join([*base, *filter(None, [node.module])])
            yield from (f"{module}.{alias.name}" for alias in node.names)


def within(name: str, package: str) -> bool:
    return name == package or name.startswith(f"{package}.")


@every_module
def test_room_imports_only_the_rooms_below_it(path):
    room = name_of(path).split("/")[0]
    allowed = {room} | ALLOWED[room] | CROSSING.get(name_of(path), set())
    ours = [name for name in imports(path) if name.split(".")[0] in ROOMS]
    wrong = [name for name in ours if not any(within(name, package) for package in allowed)]
    assert not wrong, f"{room} may import {sorted(allowed)}"


@every_module
def test_nobody_imports_quantize(path):
    if name_of(path).startswith("quantize/"):
        return
    assert not [name for name in imports(path) if within(name, "quantize")]


@pytest.mark.parametrize(
    "path", [path for path in MODULES if name_of(path).startswith("edge/")], ids=name_of
)
def test_device_needs_no_training_framework(path):
    tops = {name.split(".")[0] for name in imports(path)}
    assert not tops & NEVER_ON_THE_DEVICE
    if not name_of(path).startswith("edge/runtime/"):
        assert "onnxruntime" not in tops


@pytest.mark.parametrize(
    "path", [path for path in MODULES if name_of(path).startswith("landmarks/")], ids=name_of
)
def test_landmarks_needs_numpy_and_opencv_alone(path):
    tops = {name.split(".")[0] for name in imports(path)}
    assert tops <= {"landmarks", "numpy", "cv2"} | set(sys.stdlib_module_names)
