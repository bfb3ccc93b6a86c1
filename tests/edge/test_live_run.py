"""A run with a camera, from outside: signals, pipes, faults. Only the camera is planted."""

from __future__ import annotations

import array
import fcntl
import json
import os
import shutil
import signal
import termios
import time

import pytest


def _until_full(pipe):
    """Wait until a writer to the pipe has to wait for its reader."""
    deadline, waiting, before = time.monotonic() + 60, array.array("i", [0]), -1
    while waiting[0] < 20_000 or waiting[0] != before:
        assert time.monotonic() < deadline
        before = waiting[0]
        time.sleep(0.3)
        fcntl.ioctl(pipe, termios.FIONREAD, waiting)


def test_frames_carry_their_times_and_sigterm_ends_with_a_summary(start):
    """The wall clock jumps for every reading of it: no time in the stream may come from there."""
    run = start(fault="clock")
    first, *frames = run.lines(12)
    assert (first["event"], first["scheme"], first["n_points"]) == ("start", "300w-68", 68)
    for frame in frames:
        assert frame["schema"] == 1
        age_ms = (frame["emit_ns"] - frame["sensor_ns"]) / 1e6
        assert frame["age_ms"] == pytest.approx(age_ms, abs=0.001)
        assert 0 < frame["age_ms"] < 60_000
        assert 0 <= frame["time_s"] < 60
    for before, after in zip(frames, frames[1:], strict=False):
        assert after["frame"] == before["frame"] + after["dropped"] + 1
        assert after["time_s"] > before["time_s"]
    run.process.send_signal(signal.SIGTERM)
    assert run.end() == 0
    assert "camera released" in run.said
    assert "frames without a face" in run.said
    assert "Traceback" not in run.said


def test_a_terminal_that_goes_away_ends_the_run_as_sigterm_does_but_not_under_nohup(start):
    run, kept = start(), start(hangup=signal.SIG_IGN)
    for started in (run, kept):
        started.lines(2)
        started.process.send_signal(signal.SIGHUP)
    assert run.end() == 0
    assert "camera released" in run.said and "frames without a face" in run.said
    assert len(kept.lines(20)) == 20
    kept.process.send_signal(signal.SIGTERM)
    assert kept.end() == 0


def test_a_file_grows_while_the_run_goes_on_until_ctrl_c(start, tmp_path):
    out = tmp_path / "faces.jsonl"
    run = start("--output", str(out))
    deadline = time.monotonic() + 60
    while not out.exists() or out.read_text().count("\n") < 5:
        assert time.monotonic() < deadline, run.said
        time.sleep(0.02)
    run.process.send_signal(signal.SIGINT)
    assert run.end() == 130
    assert "camera released" in run.said
    assert "Traceback" not in run.said
    records = [json.loads(line) for line in out.read_text().splitlines()]
    assert records[0]["event"] == "start"
    assert f"{len(records) - 1} frames" in run.said


def test_a_reader_that_has_seen_enough_ends_the_run_quietly(start):
    run = start()
    run.lines(3)
    run.process.stdout.close()
    run.process.wait(timeout=60)
    assert run.process.returncode == 0
    assert "camera released" in run.said
    assert "Traceback" not in run.said and "error" not in run.said


def test_a_reader_that_stops_reading_costs_frames_that_are_counted(start):
    """A blocked pipe: the run goes on, and ends when it should."""
    read, write = os.pipe()
    run = start("--max-frames", "120", stdout=write)
    os.close(write)
    try:
        run.process.wait(timeout=90)  # nobody reads: the pipe is full after some 50 lines
    finally:
        os.close(read)
    assert run.process.returncode == 0
    assert "camera released" in run.said
    assert "--output" in run.said.partition("dropped:")[2]
    assert "Fatal" not in run.said


def test_a_camera_that_hangs_is_said_in_the_stream_and_opened_again(start):
    run = start(fault="hangs")
    events, frames_after = [], 0
    while frames_after < 3:
        (record,) = run.lines(1)
        if "event" in record:
            events.append(record["event"])
        else:
            frames_after += "camera_back" in events
    assert events[:3] == ["start", "camera_lost", "camera_back"]
    run.process.send_signal(signal.SIGTERM)
    assert run.end() == 0
    assert "camera lost: no frame for 2 s" in run.said
    assert "camera lost 1 times" in run.said


def test_a_recorder_that_fails_does_not_end_the_camera(start, tmp_path):
    """Somebody pulls out the stick that is recorded to; the lines go on."""
    stick = tmp_path / "stick"
    run = start("--record", str(stick / "session"))
    run.lines(10)
    shutil.rmtree(stick)
    run.lines(40)
    assert run.said.count("warning: --record: ") == 1
    run.process.send_signal(signal.SIGTERM)
    assert run.end() == 1
    assert "camera released" in run.said and "frames without a face" in run.said
    last = run.said.splitlines()[-1]
    assert last.startswith(f"error: --record: {stick}") and "No such file or directory" in last
    assert "--record" in run.said.partition("dropped:")[2]


def test_an_output_that_cannot_even_begin_ends_the_run_and_is_named(start):
    run = start("--output", "/dev/full")
    assert run.end() == 1
    assert run.said.splitlines()[-1] == "error: --output: No space left on device"


def test_the_second_ctrl_c_ends_at_once(start):
    """The first one waits for a reader that does not read; the second one waits for nothing."""
    read, write = os.pipe()
    run = start(stdout=write)
    os.close(write)
    try:
        _until_full(read)
        run.process.send_signal(signal.SIGINT)
        time.sleep(0.2)
        run.process.send_signal(signal.SIGINT)
        assert run.process.wait(timeout=60) == 130
    finally:
        os.close(read)
