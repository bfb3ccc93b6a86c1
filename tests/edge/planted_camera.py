"""``edge-run`` with a camera that shows the bundled clip again and again; run by test_live_run."""

from __future__ import annotations

import os
import sys
import time
from contextlib import contextmanager
from itertools import count, islice
from pathlib import Path

from edge.camera import choose
from edge.camera.files import open_video
from edge.run import cli
from edge.stream import Frame, FrameSource

CLIP = Path(__file__).resolve().parents[2] / "calib_data" / "clip.mp4"
FPS = 50.0


def _frames():
    with open_video(CLIP) as source:
        images = [frame.image for frame in islice(source.frames, 40)]
    fault = os.environ.get("FAULT", "")
    for index in count():
        if fault == "hangs" and index == 20:
            time.sleep(3600)
        yield Frame(index, "planted", index / FPS, images[index % 40], sensor_ns=_now())
        time.sleep(1 / FPS)


def _now():
    return time.monotonic_ns()


@contextmanager
def open_camera(request):
    print("camera opened", file=sys.stderr, flush=True)
    try:
        yield FrameSource(_frames(), continuous=True, fps=FPS)
    finally:
        print("camera released", file=sys.stderr, flush=True)


choose.open_camera = open_camera
if os.environ.get("FAULT") == "clock":  # somebody sets the wall clock, again and again
    wall = count(2_000_000_000, -3600)
    time.time = lambda: float(next(wall))
cli()
