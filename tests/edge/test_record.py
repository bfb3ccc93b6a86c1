"""Recordings: the same frames at the same times again, whatever happened to the recorder."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

from edge.camera import CameraRequest
from edge.camera.choose import open_source
from edge.recording import read_records, segments
from edge.run import main
from edge.sinks.record import open_recorder
from edge.stream import Event
from landmarks.errors import OutputExistsError, OutputInUseError, PictureError

START = {"schema": 1, "event": "start", "model": "planted"}
ASK = CameraRequest(640, 480, 30)


def _record(folder, results, *, limit_bytes=10_000_000, force=False):
    with open_recorder(folder, START, limit_bytes=limit_bytes, force=force) as recorder:
        for result in results:
            recorder.event(result) if isinstance(result, Event) else recorder.write(result)


def _replay(folder):
    with open_source(str(folder), ASK) as source:
        assert source.continuous
        return list(source.frames)


def test_a_replay_gives_the_frames_with_their_numbers_and_times(tmp_path, make_result):
    results = [make_result(index) for index in (0, 1, 4, 9)]
    _record(tmp_path / "r", [results[0], Event("camera_lost", 1, "x"), *results[1:]])
    frames = _replay(tmp_path / "r")
    assert [frame.index for frame in frames] == [0, 1, 4, 9]
    assert [frame.time_s for frame in frames] == [round(i / 30, 4) for i in (0, 1, 4, 9)]
    for frame, result in zip(frames, results, strict=True):
        assert np.abs(frame.image.astype(int) - result.frame.image).max() <= 2
        assert frame.sensor_ns is None


def test_two_replays_are_equal_to_the_last_pixel(tmp_path, make_result):
    _record(tmp_path / "r", [make_result(index) for index in range(5)])
    for one, other in zip(_replay(tmp_path / "r"), _replay(tmp_path / "r"), strict=True):
        np.testing.assert_array_equal(one.image, other.image)
        assert (one.index, one.time_s) == (other.index, other.time_s)


def test_a_session_is_recorded_and_replayed_by_the_command(tmp_path, clip_path, capsys):
    folder = tmp_path / "session"
    assert main(["--source", str(clip_path), "--max-frames", "12", "--record", str(folder)]) == 0
    first = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert main(["--source", str(folder)]) == 0
    again = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [r["time_s"] for r in again] == [r["time_s"] for r in first]
    for one, other in zip(first, again, strict=True):
        points = np.array([one["faces"][0]["points"], other["faces"][0]["points"]])
        assert np.abs(points[0] - points[1]).max() < 4, "JPEG moves points a little"


def test_a_recording_stays_below_its_size_and_keeps_the_newest(tmp_path, make_result, rng):
    noise = rng.integers(0, 256, (48, 64, 3), np.uint8)
    limit = 200_000
    with open_recorder(tmp_path / "r", START, limit_bytes=limit, force=False) as recorder:
        for index in range(200):
            recorder.write(make_result(index, image=noise))
            size = sum(p.stat().st_size for p in (tmp_path / "r").rglob("*.*") if p.is_file())
            assert size <= limit
    numbers = [frame.index for frame in _replay(tmp_path / "r")]
    assert numbers == list(range(numbers[0], 200))
    assert 0 < numbers[0] < 190


def test_a_torn_last_line_and_a_half_written_picture_are_left_out(tmp_path, make_result):
    _record(tmp_path / "r", [make_result(index) for index in range(3)])
    (segment,) = segments(tmp_path / "r")
    (segment / "000000003.part").write_bytes(b"\xff\xd8half")
    with (segment / "frames.jsonl").open("a") as lines:
        lines.write('{"schema": 1, "frame": 3, "na')
    assert [frame.index for frame in _replay(tmp_path / "r")] == [0, 1, 2]


def test_a_picture_lost_in_a_power_cut_is_a_frame_with_a_problem(tmp_path, make_result):
    _record(tmp_path / "r", [make_result(index) for index in range(3)])
    (segment,) = segments(tmp_path / "r")
    (segment / "000000001.jpg").write_bytes(b"")
    assert [frame.image is None for frame in _replay(tmp_path / "r")] == [False, True, False]


def test_kill_minus_9_leaves_a_recording_that_can_be_replayed(tmp_path, clip_path):
    folder = tmp_path / "r"
    run = subprocess.Popen(
        [sys.executable, "-m", "edge.run", "--source", str(clip_path), "--record", str(folder)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + 60
    while len(list(folder.rglob("*.jpg"))) < 10:
        assert time.monotonic() < deadline and run.poll() is None
        time.sleep(0.005)
    os.kill(run.pid, signal.SIGKILL)
    run.wait()
    frames = _replay(folder)
    assert len(frames) >= 9
    assert all(frame.image is not None for frame in frames)


def test_what_is_in_the_folder_already_is_kept_without_force(tmp_path, make_result):
    folder = tmp_path / "r"
    _record(folder, [make_result(0)])
    with pytest.raises(OutputExistsError, match="--force replaces it"):
        _record(folder, [make_result(1)])
    _record(folder, [make_result(7)], force=True)
    assert [frame.index for frame in _replay(folder)] == [7]


def test_a_second_run_is_refused_in_one_line_and_the_first_one_goes_on(tmp_path, make_result):
    folder = tmp_path / "r"
    with open_recorder(folder, START, limit_bytes=10_000_000, force=False) as recorder:
        recorder.write(make_result(0))
        for force in (False, True):
            with pytest.raises(OutputInUseError, match="another run is writing there"):
                _record(folder, [make_result(9)], force=force)
        recorder.write(make_result(1))
    assert [frame.index for frame in _replay(folder)] == [0, 1]


def test_a_folder_of_other_things_is_never_recorded_into(tmp_path, make_result):
    (tmp_path / "holiday.jpg").write_bytes(b"precious")
    with pytest.raises(OutputExistsError, match="another folder"):
        _record(tmp_path, [make_result(0)], force=True)
    assert (tmp_path / "holiday.jpg").read_bytes() == b"precious"


def test_an_empty_recording_is_said(tmp_path):
    _record(tmp_path / "r", [])
    with pytest.raises(PictureError, match="holds no frame"):
        _replay(tmp_path / "r")


def test_a_full_disk_is_an_error_and_what_was_recorded_stays(tmp_path, make_result, monkeypatch):
    def full(self, data):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(self))

    with (
        pytest.raises(OSError, match="No space left"),
        open_recorder(tmp_path / "r", START, limit_bytes=10_000_000, force=False) as recorder,
    ):
        recorder.write(make_result(0))
        monkeypatch.setattr("pathlib.Path.write_bytes", full)
        recorder.write(make_result(1))
    monkeypatch.undo()
    assert [frame.index for frame in _replay(tmp_path / "r")] == [0]
    assert len(list(read_records(segments(tmp_path / "r")[0]))) == 1


@pytest.fixture
def recording(tmp_path, make_result):
    with open_recorder(tmp_path / "r", START, limit_bytes=10_000_000, force=False) as recorder:
        for index in range(3):
            recorder.write(make_result(index))
    return tmp_path / "r"


WRONG = [
    ("frame", [None, "7", 1.0, -1, 10**30, True, "../../x", [0]]),
    ("name", [None, 3, "", ["a"], "\ud800"]),
    ("time_s", ["1", [], True, 1e300]),
]


@pytest.mark.parametrize(("field", "value"), [(f, v) for f, values in WRONG for v in values])
def test_a_record_with_a_wrong_value_is_named_with_its_line(recording, field, value):
    path = segments(recording)[0] / "frames.jsonl"
    first, second, third = path.read_text().splitlines(keepends=True)
    path.write_text(first + json.dumps({**json.loads(second), field: value}) + "\n" + third)
    with pytest.raises(PictureError, match=rf"frames\.jsonl:2: {field} is .*, expected"):
        _replay(recording)


@pytest.mark.parametrize(
    "line",
    [
        '{"frame": NaN}',
        '{"frame": 1, "time_s": 1e999}',
        "[]",
        "3",
        "{",
        "[" * 9999,
        "9" * 5000,
    ],
    ids=["nan", "infinite", "list", "number", "open", "deep", "digits"],
)
def test_a_line_that_is_no_record_is_named(recording, line):
    path = segments(recording)[0] / "frames.jsonl"
    path.write_text(line + "\n" + path.read_text())
    with pytest.raises(PictureError, match=r"frames\.jsonl:1: not a line of a recording"):
        _replay(recording)


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", '{"recording_schema": 99}', '{"recording_schema": "1"}', "\0"]
)
def test_a_recording_that_this_version_does_not_know_is_refused(recording, text):
    (recording / "recording.json").write_text(text)
    with pytest.raises(PictureError, match=r"recording\.json: "):
        _replay(recording)


def test_a_name_that_is_no_utf_8_is_replayed(recording):
    path = segments(recording)[0] / "frames.jsonl"
    path.write_text(path.read_text().replace('"planted"', '"caf\\udce9"'))
    assert {frame.name for frame in _replay(recording)} == {"caf\udce9"}
