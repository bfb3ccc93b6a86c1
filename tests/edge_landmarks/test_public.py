"""What ``import edge_landmarks`` gives, and what it leaves alone."""

from __future__ import annotations

import ast
import inspect
import os
import subprocess
import sys
from importlib.resources import files

import edge_landmarks
from landmarks import __version__
from tests.conftest import CHECKOUT

QUIET = """
import logging, os, sys, threading
before = dict(os.environ)
import edge_landmarks
changed = {key for key, _ in os.environ.items() ^ before.items()}
assert changed <= {"LD_LIBRARY_PATH"}, changed  # which OpenCV's own loader sets
assert threading.active_count() == 1
assert not logging.getLogger().handlers
heavy = {"ai_edge_litert", "tflite_runtime", "onnxruntime", "tensorflow", "train", "calib_data"}
assert not heavy & set(sys.modules), heavy & set(sys.modules)
"""


def test_all_names_what_is_public_and_nothing_else():
    public = {
        name
        for name, value in vars(edge_landmarks).items()
        if not name.startswith("_") and not inspect.ismodule(value) and name != "annotations"
    }
    assert set(edge_landmarks.__all__) == public | {"__version__"}
    assert len(edge_landmarks.__all__) == len(set(edge_landmarks.__all__))
    assert edge_landmarks.__version__ == __version__


def test_import_opens_nothing_and_says_nothing():
    environment = {key: value for key, value in os.environ.items() if "OPENCV" not in key}
    done = subprocess.run(
        [sys.executable, "-c", QUIET], capture_output=True, text=True, env=environment
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_package_says_that_it_is_typed():
    assert files("edge_landmarks").joinpath("py.typed").is_file()


def test_library_never_prints():
    for path in (CHECKOUT / "edge_landmarks").glob("*.py"):
        calls = [node for node in ast.walk(ast.parse(path.read_text())) if _is_print(node)]
        assert not calls, path.name


def _is_print(node):
    return isinstance(node, ast.Call) and getattr(node.func, "id", "") == "print"


def test_types_are_seen_from_outside(tmp_path):
    """mypy of a user, on a program of theirs."""
    (tmp_path / "program.py").write_text(
        "from edge_landmarks import FaceLandmarker, FaceLandmarks\n"
        "follow = FaceLandmarker(color='bgr').video(smooth=True)\n"
        "reveal_type(follow)\n"
        "def area(face: FaceLandmarks) -> float:\n"
        "    return face.box.area\n"
        "FaceLandmarker(color='grey')\n"
    )
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--cache-dir", str(tmp_path), "program.py"],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env=os.environ | {"MYPYPATH": str(CHECKOUT)},
    )
    lines = [line for line in done.stdout.splitlines() if line.startswith("program.py")]
    revealed = 'Revealed type is "edge_landmarks.landmarker.VideoLandmarker"'
    assert any(revealed in line for line in lines)
    (error,) = [line for line in lines if "error:" in line]
    assert 'Literal["rgb", "bgr"]' in error or "Literal['rgb', 'bgr']" in error
