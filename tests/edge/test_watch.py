"""A camera that is unplugged, hangs or freezes, planted with time limits of milliseconds."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from dataclasses import replace
from itertools import islice

import numpy as np
import pytest

from edge.camera.watch import Patience, watched
from edge.stream import Event, Frame, FrameSource, Taken
from landmarks.errors import CameraError, CameraTimeout

QUICK = Patience(
    open_s=0.5,
    stall_s=0.15,
    frozen_frames=10,
    backoff_s=0.05,
    longest_backoff_s=0.2,
    release_s=0.05,
    stuck_readers=3,
)


def _changing(index):
    return np.full((16, 16, 3), index % 251, np.uint8)


class Cameras:
    """Opens one planted camera after the other; each is a generator of pictures."""

    def __init__(self, *cameras):
        self.cameras = list(cameras)
        self.opened_s = []
        self.closed = 0
        self.given = 0
        self.let_go = threading.Event()

    @contextmanager
    def __call__(self):
        self.opened_s.append(time.monotonic())
        camera = self.cameras.pop(0) if len(self.cameras) > 1 else self.cameras[0]
        if isinstance(camera, Exception):
            raise camera
        try:
            yield FrameSource(self._frames(camera), continuous=True, fps=100.0)
        finally:
            self.closed += 1

    def _frames(self, camera):
        for index, image in enumerate(camera(self)):
            self.given = index + 1
            yield Frame(index, "planted", index / 100, image, sensor_ns=time.monotonic_ns())
            time.sleep(0.005)


def healthy(cameras):
    yield from map(_changing, range(100_000))


def unplugged_after_5(cameras):
    yield from map(_changing, range(5))
    raise CameraTimeout("unplugged")


def hangs_after_5(cameras):
    yield from map(_changing, range(5))
    cameras.let_go.wait()


def frozen_after_5(cameras):
    yield from map(_changing, range(5))
    while True:
        yield _changing(5)


def never_a_frame(cameras):
    cameras.let_go.wait()
    yield from ()


@pytest.fixture
def run():
    """Runs cameras until some events have come, and two more frames; gives frames and events."""
    opened = []

    def run(*cameras, events, patience=QUICK, timeout_s=10.0):
        planted = Cameras(*cameras)
        opened.append(planted)
        frames, seen, deadline = [], [], time.monotonic() + timeout_s
        with watched(planted, patience) as watch:
            left = 2
            for item in watch.items():
                assert time.monotonic() < deadline, f"waited in vain, events {seen}"
                if isinstance(item, Taken):
                    frames.append(item.frame)
                    left -= len(seen) >= events
                elif isinstance(item, Event):
                    seen.append(item)
                if left == 0:
                    return frames, seen, planted
        raise AssertionError

    yield run
    for planted in opened:
        planted.let_go.set()


@pytest.mark.parametrize(
    "fault, words",
    [
        (unplugged_after_5, "unplugged"),
        (hangs_after_5, "no frame for 0.15 s"),
        (frozen_after_5, "frozen"),
    ],
)
def test_a_lost_camera_is_said_opened_again_and_said_to_be_back(run, fault, words):
    """Unplugged while the source raises, blocks, or gives its last picture for ever."""
    frames, events, _ = run(fault, healthy, events=2)
    assert [event.kind for event in events] == ["camera_lost", "camera_back"]
    assert words in events[0].detail
    assert events[0].at_ns < events[1].at_ns
    numbers = [frame.index for frame in frames]
    assert numbers == sorted(set(numbers)), "a number twice"
    times = [frame.time_s for frame in frames]
    assert times == sorted(times) and times[0] == 0


def test_a_camera_that_slows_down_in_the_dark_is_not_lost():
    """A few frames a second: each comes after a pause that is shorter than a loss."""

    def in_the_dark(cameras):
        for picture in map(_changing, range(6)):
            time.sleep(QUICK.stall_s / 2)
            yield picture

    with watched(Cameras(in_the_dark), QUICK) as watch:
        came = islice((item for item in watch.items() if item is not None), 5)
        assert [type(item) for item in came] == [Taken] * 5


def test_pauses_between_attempts_grow_up_to_a_limit(run):
    absent = CameraError("absent")
    _, events, planted = run(unplugged_after_5, *[absent] * 4, healthy, events=2)
    assert "attempt 5" in events[1].detail
    gaps = np.diff(planted.opened_s)[1:]
    assert len(gaps) == 4
    for gap, least in zip(gaps, (0.1, 0.2, 0.2, 0.2), strict=True):
        assert gap >= least


def test_a_camera_that_comes_back_frozen_is_tried_less_and_less_often(run):
    def frozen(cameras):
        while True:
            yield _changing(0)

    _, _, planted = run(unplugged_after_5, frozen, frozen, frozen, healthy, events=8)
    pauses = np.diff(planted.opened_s)[1:]  # the freeze is noticed within 0.05 s or little more
    assert pauses[-1] > 0.2


def test_cameras_that_raised_or_froze_are_closed_before_the_next_is_opened(run):
    _, _, planted = run(unplugged_after_5, frozen_after_5, healthy, events=4)
    assert planted.closed == 3


@pytest.mark.parametrize(
    "fault", [CameraError("busy: in use by motion (pid 7)"), OSError("denied")]
)
def test_a_camera_that_cannot_be_had_at_the_start_is_an_error(fault):
    with pytest.raises(type(fault), match=str(fault)[:4]), watched(Cameras(fault), QUICK):
        raise AssertionError("opened")


def test_a_camera_that_hangs_when_opened_is_an_error_within_the_time_allowed():
    planted = Cameras(never_a_frame)
    start = time.monotonic()
    with pytest.raises(CameraTimeout, match="no frame within"), watched(planted, QUICK):
        raise AssertionError("opened")
    assert time.monotonic() - start < 5
    planted.let_go.set()


def test_a_driver_that_hangs_again_and_again_ends_the_run(run):
    """Threads that never come back cannot pile up for a month: only a new process helps."""
    before = threading.active_count()
    with pytest.raises(CameraTimeout, match="start the program again"):
        run(*[hangs_after_5] * 8, events=100, timeout_s=30)
    assert threading.active_count() - before <= QUICK.stuck_readers + 1


def test_a_driver_that_hangs_and_keeps_the_camera_busy_ends_the_run_too(run):
    busy = CameraError("busy")
    with pytest.raises(CameraTimeout, match="start the program again"):
        run(hangs_after_5, *[busy] * 20, events=2)


def test_a_camera_that_is_only_absent_is_waited_for_without_end(run):
    absent = CameraError("absent")
    _, events, _ = run(unplugged_after_5, *[absent] * 9, healthy, events=2)
    assert "attempt 10" in events[1].detail


def test_a_mistake_in_our_own_code_is_no_loss_of_a_camera(run):
    def broken(cameras):
        yield from map(_changing, range(5))
        raise AttributeError("typo")

    with pytest.raises(AttributeError):
        run(broken, healthy, events=2)


def test_a_slow_consumer_gets_new_frames_and_knows_how_many_it_missed():
    """The rate falls to a few frames a second: the frames that are taken are fresh ones."""
    cameras = Cameras(healthy)
    with watched(cameras, replace(QUICK, stall_s=30.0)) as watch:
        taken = []
        for item in watch.items():
            if isinstance(item, Taken):
                taken.append((item, time.monotonic_ns()))
                while cameras.given < item.frame.index + 6:  # as slow as it takes to miss some
                    time.sleep(0.005)
            if len(taken) == 5:
                break
    assert all(item.dropped > 3 for item, _ in taken[1:])
    for (before, _), (after, _) in zip(taken, taken[1:], strict=False):
        assert after.frame.index - before.frame.index == after.dropped + 1
