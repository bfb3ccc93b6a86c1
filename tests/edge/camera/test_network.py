"""Cameras of the network: RTSP and HTTP, newest frames, losses, passwords that are not printed."""

from __future__ import annotations

import json
import time

import cv2
import pytest

from command_line.command import run_command
from edge.camera import CameraRequest
from edge.camera.choose import open_stream
from edge.camera.network import check_address, shown_address, shown_source
from edge.run import main
from edge.stream import Event, Taken
from landmarks.errors import UsageError
from landmarks.pictures import read_picture
from tests.edge.films import plain_images, write_film
from tests.edge.stream_servers import free_port, http_camera, rtsp_camera

JPEGS = [cv2.imencode(".jpg", image)[1].tobytes() for image in plain_images(10)]


def _taken(stream, n, pause_s=0.0):
    """Return the next n frames; the reader is as slow as it is told."""
    taken = []
    for item in stream.items:
        if isinstance(item, Taken):
            taken.append(item)
            time.sleep(pause_s)
            if len(taken) == n:
                return taken
    raise AssertionError("the stream ended")


def test_frames_of_http_are_the_newest_and_carry_the_time_of_their_arrival():
    with (
        http_camera(JPEGS) as (port, _),
        open_stream(f"http://127.0.0.1:{port}/video.mjpg?token=1", CameraRequest()) as stream,
    ):
        assert stream.live and stream.continuous
        taken = _taken(stream, 5, pause_s=0.3)
    frames = [item.frame for item in taken]
    assert frames[0].name == f"http://127.0.0.1:{port}/video.mjpg"
    assert sum(item.dropped for item in taken) >= 3, "a slow reader gets the newest"
    for before, after in zip(taken, taken[1:], strict=False):
        assert after.frame.index - before.frame.index == after.dropped + 1
    assert 0.5 < frames[-1].time_s < 30


def test_a_stream_that_ends_is_lost_and_opened_again():
    with (
        http_camera(JPEGS, ends_after=40) as (port, asked),
        open_stream(f"http://127.0.0.1:{port}/", CameraRequest()) as stream,
    ):
        events = []
        for item in stream.items:
            events += [item.kind] if isinstance(item, Event) else []
            if events[-2:] == ["camera_lost", "camera_back"]:
                break
    assert len(asked) >= 2


def test_a_run_on_a_camera_with_a_password_never_prints_it(faces_dir, capfd, tmp_path):
    face = read_picture(faces_dir / "face_000.jpg")
    _, jpeg = cv2.imencode(".jpg", cv2.cvtColor(face, cv2.COLOR_RGB2BGR))
    record = tmp_path / "record"
    with http_camera([jpeg.tobytes()], login=True) as (port, asked):
        good = f"http://user:secret@127.0.0.1:{port}/cam?password=secret"
        limit = ["--max-frames", "2", "--record", str(record)]
        assert run_command(main, ["--source", good, *limit]) == 0
        bad = f"http://user:sec-ret@127.0.0.1:{port}/cam?password=secret"
        assert run_command(main, ["--source", bad]) == 4
    said = capfd.readouterr()
    assert asked[0] is None or asked[-1] is not None
    frames = [json.loads(line) for line in said.out.splitlines() if '"frame"' in line]
    assert len(frames[0]["faces"]) == 1
    assert f"http://127.0.0.1:{port}/cam cannot be opened" in said.err
    kept = "".join(path.read_text() for path in record.rglob("*.json*"))
    for text in (said.out, said.err, kept):
        assert "secret" not in text and "sec-ret" not in text


def test_rtsp_is_a_live_source_behind_its_login(tmp_path, clip):
    images, _ = clip
    film = write_film(tmp_path / "x.ts", images[:20], codec="MPG2")
    with (
        rtsp_camera(film.read_bytes()) as port,
        open_stream(f"rtsp://user:secret@127.0.0.1:{port}/cam", CameraRequest()) as stream,
    ):
        taken = _taken(stream, 5)
    assert stream.live
    assert taken[0].frame.image.shape == (360, 480, 3)
    assert taken[0].frame.name == f"rtsp://127.0.0.1:{port}/cam"


@pytest.mark.parametrize("scheme", ["rtsp", "http"])
def test_a_camera_that_is_off_ends_with_4_and_the_address_without_its_password(scheme, capfd):
    source = f"{scheme}://user:secret@127.0.0.1:{free_port()}/cam"
    assert run_command(main, ["--source", source]) == 4
    said = capfd.readouterr().err
    assert f"{scheme}://127.0.0.1:" in said and "secret" not in said


def test_a_film_behind_an_address_is_no_camera(clip_path, capfd):
    with http_camera([], film=clip_path.read_bytes()) as (port, _):
        assert run_command(main, ["--source", f"http://127.0.0.1:{port}/clip.mp4"]) == 3
    assert "is a film and no camera: download it" in capfd.readouterr().err


@pytest.mark.parametrize(
    "address",
    ["ftp://user:secret@door/x", "rtsp:/user:secret@door/cam", "rtsp://user:secret@/cam"]
    + ["http://user:secret@door:port/x", "rtsp:user:secret@door"],
)
def test_an_address_that_can_be_none_is_usage_and_shows_no_password(address, capfd):
    with pytest.raises(UsageError):
        check_address(address)
    assert run_command(main, ["--source", address]) == 2
    assert "secret" not in capfd.readouterr().err


def test_what_is_shown_of_an_address():
    assert shown_address("RTSP://u:p@h:1/a/b?c=d#e") == "rtsp://h:1/a/b"
    assert shown_address("http://u:p@ss@h/a") == "http://h/a"
    assert shown_address("http://h") == "http://h"
    assert shown_source("film.mp4") == "film.mp4"
