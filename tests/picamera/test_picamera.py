"""``edge.camera.picamera`` with the real libcamera and the real picamera2: ``make test-camera``.

The camera is libcamera's virtual one, which shows JPEGs. It always gives NV12 at 640 x 480, as fast
as it can, and says no more of a frame than the sensor's time.
"""

from __future__ import annotations

import gc
import importlib.util
import json
import os
import subprocess
import sys
import threading
from itertools import islice
from pathlib import Path

import cv2
import numpy as np
import pytest

from edge.camera import CameraRequest
from edge.camera.picamera import open_picamera, picamera_names
from landmarks.errors import CameraError
from landmarks.faces import read_labelled_faces
from landmarks.metrics import nme
from landmarks.pictures import write_picture
from landmarks.schemes import IBUG68

pytest.importorskip("virtual_camera", reason="needs its own Debian: make test-camera")
pytestmark = [  # picamera2's own: setDaemon(), and a pipe left open where a camera is in use
    pytest.mark.filterwarnings("ignore::DeprecationWarning:picamera2"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

ROOT = Path(__file__).resolve().parents[2]
FRAMES = Path("/run/frames")  # as virtual.yaml says
WIDTH, HEIGHT = 640, 480
FACES, COLOURS = 0, 1  # numbers of the two cameras
ASK = CameraRequest(WIDTH, HEIGHT, 30)
QUARTERS = {  # (row, column): RGB
    (0, 0): (200, 40, 40),
    (0, 1): (40, 180, 40),
    (1, 0): (50, 50, 200),
    (1, 1): (190, 190, 190),
}


@pytest.fixture(scope="session", autouse=True)
def truth():
    """Put frames where the cameras look for them; return the face's points, float32 (68, 2)."""
    face = read_labelled_faces(ROOT / "calib_data" / "faces")[0]
    zoom = 2.0
    place = np.array([[zoom, 0, 128], [0, zoom, 48]])
    image = cv2.warpAffine(
        face.picture.read(),
        place,
        (WIDTH, HEIGHT),
        borderValue=(110, 110, 110),
        flags=cv2.INTER_CUBIC,
    )
    write_picture(FRAMES / "faces" / "0.jpg", image)
    quarters = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    for (row, column), colour in QUARTERS.items():
        quarters[row * 240 : row * 240 + 240, column * 320 : column * 320 + 320] = colour
    write_picture(FRAMES / "colours" / "0.jpg", quarters)
    return (face.points_frame * zoom + place[:, 2]).astype(np.float32)


def _handles():
    gc.collect()
    return len(os.listdir("/proc/self/fd")), threading.active_count()


def test_both_cameras_are_seen():
    assert picamera_names() == ("virtual faces", "virtual colours")


def test_the_size_and_format_are_those_that_the_camera_grants():
    with open_picamera(COLOURS, CameraRequest(320, 240, 15)) as source:
        frame = next(source.frames)
    assert frame.image.shape == (HEIGHT, WIDTH, 3)
    assert frame.image.flags.c_contiguous
    assert frame.name == "virtual colours"


def test_nv12_becomes_rgb_of_the_right_colours_in_the_right_places():
    with open_picamera(COLOURS, ASK) as source:
        image = next(source.frames).image.astype(int)
    for (row, column), colour in QUARTERS.items():
        quarter = image[row * 240 + 8 : row * 240 + 232, column * 320 + 8 : column * 320 + 312]
        assert quarter.std(axis=(0, 1)).max() < 3
        # the virtual camera takes a JPEG's full range as it is and names it limited
        assert np.abs(quarter.mean(axis=(0, 1)) - colour).max() < 32, (row, column)


def test_the_sensors_times_increase():
    with open_picamera(FACES, ASK) as source:
        frames = list(islice(source.frames, 50))
    assert [frame.index for frame in frames] == list(range(50))
    assert frames[0].time_s == 0
    assert (np.diff([frame.time_s for frame in frames]) > 0).all()


def test_twenty_openings_leave_nothing_open():
    counts = []
    for _ in range(20):
        with open_picamera(FACES, ASK) as source:
            assert len(list(islice(source.frames, 3))) == 3
        counts.append(_handles())
    assert counts[-1] == counts[1]


def test_a_camera_in_use_is_refused_and_stays_with_its_user():
    with open_picamera(FACES, ASK) as source:
        next(source.frames)
        with pytest.raises(CameraError, match="virtual faces cannot be opened"):
            open_picamera(FACES, ASK).__enter__()
        next(source.frames)


def test_a_missing_camera_is_an_error_that_names_those_that_are_there():
    with pytest.raises(
        CameraError, match="no Raspberry Pi camera 2.*virtual faces, virtual colours"
    ):
        open_picamera(2, ASK).__enter__()


def test_edge_run_finds_the_face_with_the_base_install_alone(truth):
    assert not any(map(importlib.util.find_spec, ("onnxruntime", "tensorflow", "websockets")))
    done = subprocess.run(
        [sys.executable, "-m", "edge.run", "--camera", "--max-frames", "50"],
        capture_output=True,
        text=True,
        cwd=ROOT,
    )
    assert done.returncode == 0, done.stderr
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    records = [line for line in lines if "faces" in line]
    indices = [record["frame"] for record in records]
    assert len(indices) == 50
    assert indices == sorted(set(indices))
    errors = [nme(np.array(r["faces"][0]["points"]), truth, IBUG68) for r in records]
    assert max(errors) < 0.06
    assert {record["faces"][0]["id"] for record in records} == {0}
    assert "50 frames" in done.stderr


def test_a_frozen_camera_is_closed_and_opened_again_in_the_same_run():
    """The virtual camera shows one picture for ever, which is what a frozen one does."""
    done = subprocess.run(
        [sys.executable, "-m", "edge.run", "--camera", "--duration", "12"],
        capture_output=True,
        text=True,
        cwd=ROOT,
    )
    assert done.returncode == 0, done.stderr
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    events = [line["event"] for line in lines if "event" in line]
    assert events[:3] == ["start", "camera_lost", "camera_back"]
    assert "frozen" in done.stderr
    frames = [line["frame"] for line in lines if "frame" in line]
    assert frames == sorted(set(frames))
