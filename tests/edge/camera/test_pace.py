"""Films that begin anew, that play as fast as they were taken, and fewer frames a second."""

from __future__ import annotations

import time
from contextlib import contextmanager
from itertools import islice

import numpy as np
import pytest

from command_line.command import run_command
from edge.camera import CameraRequest
from edge.camera.choose import Handling, open_stream
from edge.camera.pace import at_most, in_real_time, looped
from edge.run import main
from edge.stream import Frame, FrameSource, Taken
from tests.edge.films import plain_images, write_film

IMAGE = np.zeros((4, 4, 3), np.uint8)


def _frames(times_s):
    return (Frame(i, "x", time_s, IMAGE) for i, time_s in enumerate(times_s))


def test_numbers_and_times_go_on_when_a_film_begins_anew():
    opened = []

    @contextmanager
    def film():
        opened.append(1)
        yield FrameSource(_frames([0.0, 0.1, 0.3]), continuous=True, fps=10.0)

    with looped(film) as source:
        frames = list(islice(source.frames, 8))
    assert [frame.index for frame in frames] == list(range(8))
    times = [frame.time_s for frame in frames]
    assert times == pytest.approx([0, 0.1, 0.3, 0.4, 0.5, 0.7, 0.8, 0.9])
    assert len(opened) == 3


def test_frames_come_when_they_are_due():
    began = time.monotonic()
    frames = list(in_real_time(_frames([0.0, 0.1, 0.3, None])))
    assert 0.3 <= time.monotonic() - began < 5
    spans = [frame.sensor_ns - frames[0].sensor_ns for frame in frames[:3]]
    assert spans == pytest.approx([0, 1e8, 3e8], abs=2)


def test_a_film_that_is_decoded_too_slowly_is_not_chased():
    def slow():
        for frame in _frames([0.0, 0.01, 0.02]):
            time.sleep(1.1)
            yield frame

    for frame in in_real_time(slow()):
        assert time.monotonic_ns() - frame.sensor_ns < 2.1e9, "not 3.3 s, by the third"


@pytest.mark.parametrize("max_fps, kept", [(30.0, 60), (60.0, 60), (15.0, 30), (10.0, 20), (1, 2)])
def test_no_more_frames_than_asked_for_by_their_times(max_fps, kept, rng):
    times = [i / 30 + rng.uniform(0, 0.002) for i in range(60)]
    assert len(list(at_most(_frames(times), max_fps))) == kept


def test_pictures_without_a_time_are_all_looked_at():
    assert len(list(at_most(_frames([None] * 5), 1.0))) == 5


def test_a_film_in_real_time_is_a_live_stream_that_ends(tmp_path):
    film = write_film(tmp_path / "x.mp4", plain_images(25))
    began = time.monotonic()
    with open_stream(str(film), CameraRequest(), Handling(realtime=True)) as stream:
        assert stream.live
        taken = [item for item in stream.items if isinstance(item, Taken)]
    assert 0.9 < time.monotonic() - began < 20
    assert len(taken) + sum(item.dropped for item in taken) == 25


def test_a_film_again_and_again_until_the_limit(tmp_path, capsys):
    film = write_film(tmp_path / "x.mp4", plain_images(5))
    assert main(["--source", str(film), "--loop", "--max-frames", "12"]) == 0
    assert '"frame": 11' in capsys.readouterr().out


@pytest.mark.parametrize("option", ["--loop", "--realtime"])
def test_a_source_that_cannot_is_usage(option, faces_dir, capsys):
    source = str(faces_dir / "face_000.jpg")
    assert run_command(main, ["--source", source, option]) == 2
    assert f"{option} is for" in capsys.readouterr().err
