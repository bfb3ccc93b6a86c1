"""The thread that reads a camera: the newest frame, and nothing that blocks its reader."""

from __future__ import annotations

import os
import threading
import time
from contextlib import contextmanager

import numpy as np
import pytest

from edge.camera.capture import Reader
from edge.stream import Frame, FrameSource
from landmarks.errors import CameraError, CameraTimeout


def _picture(value):
    return np.full((16, 16, 3), value, np.uint8)


class PlantedCamera:
    """Gives the pictures that a test puts in, one by one; a callable is called instead."""

    def __init__(self):
        self.given = []
        self.more = threading.Semaphore(0)
        self.closed = threading.Event()

    def give(self, *items):
        for item in items:
            self.given.append(item)
            self.more.release()

    @contextmanager
    def __call__(self):
        try:
            yield FrameSource(self._frames(), continuous=True, fps=30.0)
        finally:
            self.closed.set()

    def _frames(self):
        for index in range(10_000):
            self.more.acquire()
            item = self.given[index]
            if isinstance(item, BaseException):
                raise item
            if callable(item):
                item()
                continue
            yield Frame(index, "planted", None, item, sensor_ns=time.monotonic_ns())


def _until(condition, timeout_s=5.0):
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.005)


@pytest.fixture
def camera():
    return PlantedCamera()


@pytest.fixture
def reader(camera):
    reader = Reader(camera)
    yield reader
    camera.give(RuntimeError("end of test"))
    reader.release(1.0)


def test_the_newest_frame_is_taken_and_older_ones_are_counted(camera, reader):
    camera.give(*map(_picture, range(5)))
    _until(lambda: camera.more._value == 0 and reader._newest and reader._newest.index == 4)
    taken = reader.take(1.0)
    assert (taken.frame.index, taken.dropped) == (4, 4)
    assert reader.take(0.01) is None
    camera.give(_picture(9))
    assert reader.take(1.0).dropped == 0


def test_a_camera_that_blocks_does_not_block_its_reader(camera, reader):
    assert reader.take(0.05) is None
    assert not reader.release(0.05)
    assert reader.alive


def test_a_released_reader_closes_the_camera_as_soon_as_it_can(camera, reader):
    camera.give(_picture(0))
    reader.take(1.0)
    assert not reader.release(0.01)
    camera.give(_picture(1))
    assert camera.closed.wait(2.0)
    assert reader.release(2.0)


@pytest.mark.parametrize("error", [CameraTimeout("gone"), OSError("no such device"), KeyError("x")])
def test_errors_come_out_where_frames_are_taken_and_after_the_last_frame(camera, reader, error):
    camera.give(_picture(0), error)
    _until(lambda: camera.closed.is_set())
    assert reader.take(1.0).frame.index == 0
    with pytest.raises(type(error)):
        reader.take(1.0)


def test_a_camera_that_just_ends_is_a_timeout():
    @contextmanager
    def empty():
        yield FrameSource(iter(()), continuous=True, fps=30.0)

    with pytest.raises(CameraTimeout):
        Reader(empty).take(2.0)


def test_a_camera_that_cannot_be_opened_says_so_at_the_first_frame():
    @contextmanager
    def absent():
        raise CameraError("no camera")
        yield

    with pytest.raises(CameraError, match="no camera"):
        Reader(absent).take(2.0)


def test_a_camera_that_hangs_when_it_is_closed_is_left_behind():
    """As picamera2's stop() does when the cable has gone."""
    let_go = threading.Event()

    @contextmanager
    def hangs_at_the_end():
        yield FrameSource(iter([Frame(0, "planted", None, _picture(0))]), True, 30.0)
        let_go.wait()

    reader = Reader(hangs_at_the_end)
    assert reader.take(2.0)
    assert not reader.release(0.05)
    let_go.set()
    assert reader.release(2.0)


def test_the_very_same_picture_is_counted(camera, reader):
    camera.give(_picture(1), _picture(2), _picture(2), _picture(2))
    _until(lambda: reader.same_frames == 3)
    camera.give(_picture(3))
    _until(lambda: reader.same_frames == 1)


def test_a_thousand_cameras_opened_and_released_leave_nothing_behind():
    def counts():
        return threading.active_count(), len(os.listdir("/proc/self/fd"))

    before = counts()
    for _ in range(1000):
        camera = PlantedCamera()
        reader = Reader(camera)
        camera.give(_picture(0), _picture(1))
        assert reader.take(2.0)
        camera.give(_picture(2), RuntimeError())
        assert reader.release(2.0)
    assert counts() == before
