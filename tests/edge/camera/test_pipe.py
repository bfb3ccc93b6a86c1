"""Raw MJPEG from pipes: frames, noise, ends, and signals that are heard while nothing comes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time

import cv2
import pytest

from edge.camera.pipe import first_jpeg, open_pipe
from landmarks.errors import PictureError
from tests.edge.films import plain_images

RUN = [sys.executable, "-m", "edge.run"]


def _jpegs(n=5):
    return [cv2.imencode(".jpg", image)[1].tobytes() for image in plain_images(n)]


def _piped(data):
    """Return the frames of a pipe into which somebody writes this."""
    reader, writer = os.pipe()
    os.write(writer, data)
    os.close(writer)
    with open_pipe(f"/dev/fd/{reader}") as source:
        frames = list(source.frames)
    os.close(reader)
    return frames


def test_frames_come_one_by_one_with_the_time_of_arrival():
    frames = _piped(b"noise" + b"".join(_jpegs()))
    assert [frame.index for frame in frames] == list(range(5))
    assert [frame.image.mean() for frame in frames] == pytest.approx([20, 60, 100, 140, 180], abs=2)
    assert frames[0].time_s == 0 and 0 <= time.monotonic_ns() - frames[-1].sensor_ns < 60e9


def test_a_damaged_jpeg_is_a_frame_with_a_problem():
    whole = _jpegs(3)
    whole[1] = whole[1][:20] + b"\xff\xda\xff\xd9"
    frames = _piped(b"".join(whole))
    assert [frame.image is None for frame in frames] == [False, True, False]
    assert "JPEG 1 is damaged" in frames[1].problem


@pytest.mark.parametrize("data", [b"", b"\0\0\0\1\x67" + bytes(2000), _jpegs(1)[0][:100]])
def test_a_pipe_without_a_whole_jpeg_says_what_is_expected(data):
    with pytest.raises(PictureError, match="rpicam-vid --codec mjpeg"):
        _piped(data)


def test_the_end_of_a_thumbnail_is_no_end():
    (picture,) = _jpegs(1)
    thumbnail = b"\xff\xe1" + (len(picture) + 2).to_bytes(2, "big") + picture
    whole = picture[:2] + thumbnail + picture[2:]
    assert first_jpeg(b"xx" + whole + picture) == (2, 2 + len(whole))
    assert first_jpeg(whole[:-1]) is None


def test_a_run_reads_standard_input_to_its_end(faces_dir):
    face = (faces_dir / "face_000.jpg").read_bytes()
    feed = subprocess.Popen(
        [*RUN, "--source", "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=False
    )
    records = []
    assert json.loads(feed.stdout.readline())["event"] == "start"
    for _ in range(3):
        feed.stdin.write(face)
        feed.stdin.flush()
        records.append(json.loads(feed.stdout.readline()))
    feed.stdin.close()
    feed.stdout.read()
    assert feed.wait(20) == 0
    feed.stdout.close()
    assert [len(record["faces"]) for record in records] == [1, 1, 1]
    assert records[0]["name"] == "standard input" and records[0]["age_ms"] < 10_000


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_pipe_that_nobody_writes_to_hears_signals(tmp_path, number):
    fifo = tmp_path / "p.jpg"
    os.mkfifo(fifo)
    run = subprocess.Popen([*RUN, "--source", str(fifo)], stdout=subprocess.PIPE)
    assert b"start" in run.stdout.readline()
    time.sleep(0.5)
    run.send_signal(number)
    assert run.wait(10) == (130 if number == signal.SIGINT else 0)
    run.stdout.close()


def test_standard_input_that_is_a_file_is_to_be_named(clip_path):
    with clip_path.open("rb") as film:
        run = [*RUN, "--source", "-"]
        done = subprocess.run(run, stdin=film, capture_output=True, text=True)
    assert done.returncode == 3
    assert "--source FILE" in done.stderr
