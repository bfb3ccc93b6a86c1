from __future__ import annotations

import numpy as np
import pytest

from edge.live.message import Made
from edge.live.sink import LiveSink
from edge.live.speed import SpeedMeter
from edge.stream import Face, Frame, FrameResult, StageTimes
from landmarks.boxes import Box


def _result(index):
    points = np.full((68, 2), index, np.float32)
    face = Face(0, Box(0, 0, 9, 9), 0.8, 0.9, points)
    image = np.full((48, 64, 3), index, np.uint8)
    return FrameResult(Frame(index, "planted", None, image), (face,), StageTimes())


class _Audience:
    """Remembers what it was shown."""

    def __init__(self):
        self.views, self.waits = [], False

    def wants_frame(self):
        return self.waits

    def show(self, view):
        self.views.append(view)

    def announce(self, event):
        raise AssertionError("there was no event")


def test_frames_are_handed_over_only_when_somebody_waits():
    audience = _Audience()
    sink = LiveSink(audience, "", Made("planted int8", "own"), with_picture=True)
    for index in range(5):
        sink.write(_result(index))
    assert audience.views == []
    audience.waits = True
    result = _result(7)
    sink.write(result)
    (view,) = audience.views
    assert view.picture is result.frame.image
    assert (view.index, view.size, view.faces) == (7, (64, 48), result.faces)


def test_a_frame_that_could_not_be_read_is_passed_over():
    audience = _Audience()
    audience.waits = True
    frame = Frame(0, "broken.jpg", None, None, "broken.jpg: not a picture")
    LiveSink(audience, "", Made("planted int8", "own"), with_picture=True).write(
        FrameResult(frame, (), StageTimes())
    )
    assert audience.views == []


def test_speed_is_that_of_the_last_second():
    meter = SpeedMeter()
    meter.add(0, StageTimes(infer_ms=1000.0), None)
    assert meter.read().fps == 0
    for i in range(60):
        at_ns = 5_000_000_000 + i * 50_000_000
        meter.add(at_ns, StageTimes(infer_ms=float(i % 2)), at_ns - 30_000_000)
    speed = meter.read()
    assert speed.fps == pytest.approx(20)
    assert speed.times.infer_ms == pytest.approx(0.5, abs=0.03)
    assert speed.latency_ms == pytest.approx(30)
