"""Sinks that are slow, stuck or broken, behind a thread of their own."""

from __future__ import annotations

import gc
import threading
import time
import weakref
from contextlib import contextmanager

import numpy as np
import pytest

from edge.sinks import detached as module
from edge.sinks.detached import ROOM, ROOM_FOR_EVENTS, detached
from edge.stream import Event
from landmarks.errors import CameraError, LandmarkError

LOST = Event("camera_lost", 0, "unplugged")


class PlantedSink:
    """Waits at a gate before each item."""

    def __init__(self, gate, error=None):
        self.gate, self.error, self.taken, self.closed = gate, error, [], False

    def write(self, result):
        self.gate.wait()
        if self.error:
            raise self.error
        self.taken.append(result.frame.index)

    def event(self, event):
        self.gate.wait()
        self.taken.append(event.kind)


@contextmanager
def _opening(sink):
    try:
        yield sink
    finally:
        sink.closed = True


@pytest.fixture
def gate():
    gate = threading.Event()
    yield gate
    gate.set()


def test_everything_arrives_in_its_order_when_there_is_time(gate, make_result):
    gate.set()
    sink = PlantedSink(gate)
    with detached(_opening(sink), "--output") as front:
        front.write(make_result(0))
        front.event(LOST)
        front.write(make_result(1))
    assert sink.taken == [0, "camera_lost", 1]
    assert sink.closed
    assert front.dropped == 0


def test_a_disk_that_hangs_costs_frames_and_never_waits(gate, make_result, monkeypatch):
    """A slow disk does not block the loop of the camera."""
    sink = PlantedSink(gate)
    with detached(_opening(sink), "--record") as front:
        for index in range(ROOM + 11):
            front.write(make_result(index))  # returns, or this test never ends
        assert front.dropped >= 10
        gate.set()
    assert len(sink.taken) + front.dropped == ROOM + 11
    assert sink.taken == sorted(sink.taken)


def test_no_more_pictures_are_kept_than_there_is_room_for(gate, make_result):
    """A pipe that nobody reads: memory stays flat."""
    pictures = []
    with detached(_opening(PlantedSink(gate)), "--output") as front:
        for index in range(10 * ROOM):
            image = np.zeros((4, 4, 3), np.uint8)
            pictures.append(weakref.ref(image))
            front.write(make_result(index, image=image))
            del image
        gc.collect()
        assert sum(ref() is not None for ref in pictures) <= ROOM + 2
        gate.set()


def test_events_pass_when_frames_are_dropped_but_not_without_end(gate, make_result):
    sink = PlantedSink(gate)
    with detached(_opening(sink), "--output") as front:
        for index in range(2 * ROOM):
            front.write(make_result(index))
        for _ in range(ROOM_FOR_EVENTS + 100):
            front.event(LOST)
        gate.set()
    assert ROOM_FOR_EVENTS <= sink.taken.count("camera_lost") <= ROOM_FOR_EVENTS + ROOM


@pytest.mark.parametrize(
    "error, expected, words",
    [
        (BrokenPipeError(32, "Broken pipe"), BrokenPipeError, "Broken"),
        (ValueError("odd"), ValueError, "odd"),
    ],
)
def test_what_a_sink_raises_comes_out_at_a_later_write(gate, make_result, error, expected, words):
    """A reader that has gone, a fault of the program: the run is told."""
    gate.set()
    sink = PlantedSink(gate, error)
    with (
        pytest.raises(expected, match=words),
        detached(_opening(sink), "--record") as front,
    ):
        for index in range(500):
            front.write(make_result(index))
            time.sleep(0.01)
    assert sink.closed


@pytest.mark.parametrize(
    "error", [OSError(28, "No space left on device"), LandmarkError("--record: No space left")]
)
def test_a_sink_that_fails_says_so_once_and_takes_no_more_frames(gate, make_result, error, capsys):
    """A disk that is full, a stick that was pulled out: the camera goes on."""
    sink = PlantedSink(gate, error)
    with detached(_opening(sink), "--record") as front:
        for index in range(3):
            front.write(make_result(index))
        gate.set()
        deadline = time.monotonic() + 10
        while front.failure is None:
            assert time.monotonic() < deadline
            time.sleep(0.01)
        front.write(make_result(3))
        front.event(LOST)
    assert front.failure.startswith("--record: No space left")
    assert (sink.taken, sink.closed) == ([], True)
    assert front.dropped == 3, "all but the one that it failed at"
    assert capsys.readouterr().err == f"warning: {front.failure}; it gets no more frames\n"


def test_a_failure_of_the_last_write_is_not_lost(gate, make_result):
    gate.set()
    sink = PlantedSink(gate, OSError(28, "No space left on device"))
    with detached(_opening(sink), "--x") as front:
        front.write(make_result(0))
    assert front.failure == "--x: No space left on device"


def test_an_error_of_the_run_is_not_hidden_by_a_sink_that_failed(gate, make_result):
    gate.set()
    sink = PlantedSink(gate, OSError(28, "No space left on device"))
    with pytest.raises(CameraError, match="gone"), detached(_opening(sink), "--x") as front:
        front.write(make_result(0))
        raise CameraError("gone")
    assert sink.closed


def test_a_sink_that_is_stuck_is_left_open_and_closed_by_nobody(gate, make_result, monkeypatch):
    """Closing a file under the hands of its thread could crash the process."""
    monkeypatch.setattr(module, "DRAIN_S", 0.05)
    sink = PlantedSink(gate)
    with detached(_opening(sink), "--output") as front:
        front.write(make_result(0))
    gc.collect()
    assert not sink.closed


def test_an_error_at_opening_comes_at_once():
    @contextmanager
    def refused():
        raise LandmarkError("already there")
        yield

    with pytest.raises(LandmarkError, match="already there"), detached(refused(), "--x"):
        raise AssertionError("opened")
