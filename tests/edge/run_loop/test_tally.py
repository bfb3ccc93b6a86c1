from __future__ import annotations

import time

import pytest

from edge.health import Health
from edge.run_loop.loop import Limits, failures, work
from edge.run_loop.stop import Stop
from edge.run_loop.tally import REMEMBERED, Tally, summary
from edge.stream import Event, StageTimes, Taken
from edge.tracking.counts import TrackCounts


class LossySink:
    name, dropped = "--record", 7


class CoolBoard:
    latest, hottest_c, held_back_by = Health(50.0), 61.5, ()


class WeakSupply:
    latest, hottest_c, held_back_by = Health(clock_mhz=600.0), None, ("under-voltage",)


class Pc:
    latest, hottest_c, held_back_by = Health(), None, ()


class NoFaces:
    """A pipeline that finds nothing."""

    def process(self, frame, *_, **__):

        return (), StageTimes(find_ms=1.0)


@pytest.fixture
def card(localizer):
    return localizer.network.card


def test_the_summary_says_what_was_seen_lost_and_how_warm_it_became(make_result, card):
    tally = Tally()
    tally.add(make_result(0, sensor_ns=time.monotonic_ns(), dropped=3))
    tally.add(make_result(1, faces=0))
    tally.add_event(Event("camera_lost", 0, "x"))
    tally.add_event(Event("camera_back", 0, "x"))
    text = "\n".join(summary(tally, card, TrackCounts(), [LossySink()], CoolBoard()))
    assert "2 frames, 1 faces, 1 frames without a face, 0 unreadable" in text
    assert "dropped: camera 3, --record 7" in text
    assert "camera lost 1 times, back 1 times" in text
    assert "sensor to result p50" in text
    assert "61.5 C at its hottest" in text


def test_the_summary_says_what_held_the_board_back_although_it_is_over(make_result, card):
    tally = Tally()
    tally.add(make_result(0))
    last = summary(tally, card, TrackCounts(), [], WeakSupply())[-1]
    assert last == "board: 600 MHz; held back during the run: under-voltage"
    assert "board" not in "\n".join(summary(tally, card, TrackCounts(), [], Pc()))


def test_the_summary_says_what_became_of_tracks_and_that_there_were_more_faces(make_result, card):
    tally = Tally()
    tally.add(make_result(0))
    tracks = TrackCounts(begun=4, lost=3, blown_up=1, merged=0, left_out=47)
    text = "\n".join(summary(tally, card, tracks, [], None))
    assert "tracks: 4 begun, 3 lost (1 of them by points that no face has), 0 merged" in text
    assert "the last search found 47 more" in text
    quiet = "\n".join(summary(tally, card, TrackCounts(begun=1), [], None))
    assert "tracks" not in quiet and "more" not in quiet


def test_a_run_that_saw_nothing_says_nothing(card):
    assert summary(Tally(), card, TrackCounts(), [], None) == []


def test_a_long_run_is_counted_in_constant_memory(make_result):
    tally, result = Tally(), make_result(0, sensor_ns=time.monotonic_ns())
    for _ in range(REMEMBERED + 500):
        tally.add(result)
    assert tally.frames == REMEMBERED + 500
    assert len(tally.find_ms) == len(tally.locate_ms) == len(tally.age_ms) == REMEMBERED


def _frames(make_result, n):
    return (Taken(make_result(index).frame) for index in range(n))


def _work(items, **limits):
    tally, stop = Tally(), limits.pop("stop", Stop())
    work(items, NoFaces(), [], tally, limits=Limits(**limits), stop=stop)
    return tally


def test_a_run_ends_with_its_frames_its_time_or_its_source(make_result):
    assert _work(_frames(make_result, 9)).frames == 9
    assert _work(_frames(make_result, 9), max_frames=4).frames == 4
    assert _work(_frames(make_result, 9), duration_s=0).frames == 1


def test_a_run_ends_although_its_camera_gives_nothing():
    def nothing():
        while True:
            yield None

    assert _work(nothing(), duration_s=0.05).seen == 0
    assert _work(nothing(), stop=Stop(signal=15)).seen == 0


class FailingOutput:
    """An output that fails at a certain frame."""

    def __init__(self, at=None):
        self.failure, self._left = None, at

    def write(self, _):
        if self._left is not None:
            self._left -= 1
            if self._left <= 0:
                self.failure = "--record: No space left on device"


class Console:
    """No output: it says what goes wrong, and is always there."""

    def write(self, _):
        pass


@pytest.mark.parametrize(
    "sinks, frames",
    [
        ([], 9),
        ([Console()], 9),
        ([Console(), FailingOutput(at=3), FailingOutput()], 9),
        ([Console(), FailingOutput(at=3), FailingOutput(at=5)], 5),
    ],
    ids=["none", "console", "one_of_two", "both"],
)
def test_a_run_ends_when_no_output_is_left(make_result, sinks, frames):
    tally = Tally()
    work(_frames(make_result, 9), NoFaces(), sinks, tally, limits=Limits(), stop=Stop())
    assert tally.frames == frames
    failed = [sink for sink in sinks if getattr(sink, "failure", None)]
    assert failures(sinks) == ["--record: No space left on device"] * len(failed)
