from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pytest

from edge.camera.files import open_video
from edge.runtime import open_network
from landmarks.locate import Localizer

ROOT = Path(__file__).resolve().parents[2]
FORBIDDEN = ("tensorflow", "keras", "onnx", "torch", "tf2onnx")


@pytest.fixture(autouse=True)
def _no_training_tools(monkeypatch):
    """Whatever edge does, it does without these."""
    for name in FORBIDDEN:
        monkeypatch.setitem(sys.modules, name, None)


@pytest.fixture(scope="session")
def clip_path():
    return ROOT / "calib_data" / "clip.mp4"


@pytest.fixture(scope="session")
def clip(clip_path):
    """The first frames of the bundled clip and their exact points."""
    lines = (ROOT / "calib_data" / "clip.jsonl").read_text().splitlines()
    truth = [np.array(json.loads(line)["faces"][0]["points"], np.float32) for line in lines[:60]]
    with open_video(clip_path) as source:
        images = [frame.image for frame, _ in zip(source.frames, truth, strict=False)]
    return images, truth


@pytest.fixture(scope="session")
def faces_dir():
    return ROOT / "calib_data" / "faces"


@pytest.fixture(scope="session")
def localizer():
    return Localizer.of(open_network("default", threads=1))
