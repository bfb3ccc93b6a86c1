"""What a user sees who makes a mistake: one line, the right exit code, no traceback."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from edge.models import model_path

ROOT = Path(__file__).resolve().parents[2]
FACE = ROOT / "calib_data" / "faces" / "face_000.jpg"


def _run(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", *map(str, arguments)], cwd=ROOT, capture_output=True, text=True
    )


@pytest.fixture(scope="module")
def broken(tmp_path_factory):
    folder = tmp_path_factory.mktemp("broken")
    whole = model_path("default").read_bytes()
    (folder / "truncated.tflite").write_bytes(whole[: len(whole) // 2])
    (folder / "x.tflite").write_text("this is not a model")
    (folder / "video.mp4").write_text("this is not a video")
    (folder / "picture.jpg").write_text("this is not a picture")
    return folder


CASES = [
    (["--source", FACE, "--model", "truncated.tflite"], 3, "truncated.tflite"),
    (["--source", FACE, "--model", "x.tflite"], 3, "not a TFLite model"),
    (["--source", FACE, "--model", "missing.tflite"], 3, "missing.tflite"),
    (["--source", "picture.jpg"], 3, "neither a picture nor a film"),
    (["--source", "video.mp4"], 3, "neither a picture nor a film"),
    (["--source", "missing.jpg"], 3, "no such picture"),
    (["--source", FACE, "--model", "nonsense"], 3, "asmpip-144-int8.tflite"),
    (["--source", "63"], 4, "no camera /dev/video63"),
    (["--source", FACE, "--faces", "many"], 2, "invalid"),
]


@pytest.mark.parametrize("arguments, code, words", CASES, ids=lambda value: str(value)[:40])
def test_edge_run_explains_itself(broken, arguments, code, words):
    paths = [
        broken / a if isinstance(a, str) and a.endswith((".tflite", ".jpg", ".mp4")) else a
        for a in arguments
    ]
    done = _run("edge.run", *paths)
    assert done.returncode == code, done.stderr
    assert words in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
    if code != 2:  # argparse prints the usage before its own line
        assert len(done.stderr.strip().splitlines()) == 1


@pytest.mark.skipif(any(Path("/dev").glob("video*")), reason="this machine has a camera")
def test_no_camera_exits_with_4():
    done = _run("edge.run", "--camera")
    assert done.returncode == 4
    assert done.stderr.startswith("error: no camera")
    assert len(done.stderr.strip().splitlines()) == 1
