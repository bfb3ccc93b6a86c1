from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pytest

from edge.camera.files import open_video
from edge.runtime import open_network
from edge.stream import Face, Frame, FrameResult, StageTimes
from landmarks.boxes import face_box
from landmarks.locate import Localizer
from tests.edge.browser import headless_browser
from tests.edge.started_run import Run

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


@pytest.fixture(scope="session")
def make_result(face68):
    """Makes the result of a frame with one drawn face, as a camera would have given it."""

    def make(index=0, *, image=None, sensor_ns=None, faces=1, dropped=0, **of_face):
        image = np.full((48, 64, 3), index % 251, np.uint8) if image is None else image
        points = face68 * 40
        face = Face(0, face_box(points), 0.9, 0.8, points, **of_face)
        frame = Frame(index, "planted", index / 30, image, sensor_ns=sensor_ns)
        times = StageTimes(find_ms=1.0, crop_ms=0.2, infer_ms=2.0, decode_ms=0.3)
        return FrameResult(frame, (face,) * faces, times, dropped)

    return make


@pytest.fixture
def start(tmp_path):
    """Starts runs with a planted camera, and ends those that are left."""
    runs = []

    def start(*arguments, **options):
        runs.append(Run(tmp_path, *arguments, **options))
        return runs[-1]

    yield start
    for run in runs:
        run.process.kill()
        run.process.wait()
        if run.process.stdout is not None:
            run.process.stdout.close()


@pytest.fixture(scope="session")
def browser():
    with headless_browser() as tab:
        yield tab


@pytest.fixture
def page(browser):
    """An empty page, of which nobody has complained yet."""
    browser.open("about:blank")
    browser.complaints.clear()
    browser.requests.clear()
    return browser


@pytest.fixture(scope="session")
def checkout_cases():
    """Inputs that were found to go wrong; they are no part of the repository."""
    folder = ROOT.parent / "shared" / "cases"
    if not folder.is_dir():
        folder = ROOT.parents[1] / "shared" / "cases"
    if not folder.is_dir():
        pytest.skip("no ../shared/cases beside the checkout")
    return folder
