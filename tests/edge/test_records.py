"""The records that every sink gives, and their description for users."""

from __future__ import annotations

import csv
import io
import json
import re
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from edge.health import Health
from edge.sinks.jsonl import JsonLines
from edge.sinks.records import SCHEMA, event_record, frame_record, start_record
from edge.sinks.table import MEASURES, OF_A_FRAME, Table
from edge.stream import Event
from landmarks.measures import FaceMeasures, measure_face
from landmarks.schemes import IBUG68

DESCRIPTION = (Path(__file__).resolve().parents[2] / "docs" / "output.md").read_text()


def _fields(record):
    for name, value in record.items():
        yield name
        for part in value if isinstance(value, list) else [value]:
            if isinstance(part, dict):
                yield from _fields(part)


def test_every_field_is_described(make_result, localizer):
    """A field without a line in docs/output.md is a field that nobody can rely on."""
    full = make_result(
        1,
        sensor_ns=time.monotonic_ns(),
        points_smooth=np.zeros((68, 2), np.float32),
        pose_deg=np.zeros(3, np.float32),
        measures=FaceMeasures(0.3, 0.3, 0.0, 0.0, 5.0, 20.0, 21.0),
    )
    records = [
        frame_record(full),
        start_record(localizer.network.card),
        event_record(Event("health", 1, "hot", Health(80.0, 600.0, "ondemand", 4))),
    ]
    described = set(re.findall(r"`(\w+)`", DESCRIPTION)) | {"schema"}
    assert {field for record in records for field in _fields(record)} <= described
    assert f'"schema": {SCHEMA}' in DESCRIPTION


def test_a_frame_of_a_camera_says_when_it_was_taken_and_how_old_it_is(make_result):
    sensor_ns = time.monotonic_ns() - 40_000_000
    record = frame_record(make_result(7, sensor_ns=sensor_ns, dropped=2))
    assert (record["frame"], record["sensor_ns"], record["dropped"]) == (7, sensor_ns, 2)
    assert record["age_ms"] == pytest.approx((record["emit_ns"] - sensor_ns) / 1e6, abs=1e-3)
    assert 40 <= record["age_ms"] < 60_000


def test_a_frame_of_a_file_has_no_clock(make_result):
    record = frame_record(make_result(7))
    assert not {"sensor_ns", "emit_ns", "age_ms", "dropped"} & set(record)
    assert record["time_s"] == round(7 / 30, 4)


def test_no_picture_is_ever_in_a_line(make_result):
    """Landmarks only on the wire."""
    image = np.full((480, 640, 3), 123, np.uint8)
    small, large = (
        len(json.dumps(frame_record(make_result(image=picture))))
        for picture in (image[:2, :2], image)
    )
    assert large - small < 10


def test_pose_is_in_degrees_and_named(make_result):
    pose = np.array([20.04, -5.0, 10.0], np.float32)
    (face,) = frame_record(make_result(pose_deg=pose))["faces"]
    assert face["pose"] == {"yaw_deg": 20.0, "pitch_deg": -5.0, "roll_deg": 10.0}
    (bare,) = frame_record(make_result())["faces"]
    assert not {"pose", "points_smooth"} & set(bare)


def test_measures_are_named_and_come_with_points_as_shares_of_the_frame(make_result, face68):
    measures = measure_face(face68 * 40, IBUG68)
    (face,) = frame_record(make_result(measures=measures))["faces"]
    assert face["measures"] == measures.to_dict()
    assert face["measures"]["turned_deg"] == round(measures.turned_deg, 1)
    shares = (face68 * 40 + 0.5) / (64, 48)
    np.testing.assert_allclose(face["points_share"], shares, atol=1e-4)
    (bare,) = frame_record(make_result())["faces"]
    assert not {"measures", "points_share"} & set(bare)


def test_a_table_has_measures_in_its_last_columns(make_result, face68):
    measures = measure_face(face68 * 40, IBUG68)
    stream = io.StringIO()
    Table(stream, 68, measured=True).write(make_result(measures=measures))
    (row,) = csv.DictReader(io.StringIO(stream.getvalue()))
    assert {name: float(row[name]) for name in MEASURES} == measures.to_dict()
    assert list(row)[-len(MEASURES) :] == list(MEASURES)
    plain = io.StringIO()
    Table(plain, 68).write(make_result())
    assert not set(MEASURES) & set(plain.getvalue().splitlines()[0].split(","))


def test_a_face_says_how_sure_the_finder_and_how_sure_the_network_was(make_result):
    (face,) = frame_record(make_result())["faces"]
    assert (face["score"], face["presence"]) == (0.9, 0.8)


def test_no_face_is_an_empty_list(make_result):
    assert frame_record(make_result(faces=0))["faces"] == []


def test_a_line_is_there_at_once_and_is_one_line(make_result):
    stream = io.StringIO()
    lines = JsonLines(stream)
    lines.write(make_result(0))
    lines.event(Event("camera_lost", 1, 'two\nlines and "quotes"'))
    first, second = stream.getvalue().splitlines()
    assert json.loads(first)["frame"] == 0
    assert json.loads(second)["detail"] == 'two\nlines and "quotes"'


def test_the_start_names_model_and_scheme_and_joins_the_two_clocks(localizer):
    record = start_record(localizer.network.card)
    assert (record["model"], record["scheme"], record["n_points"]) == ("asmpip-144", "300w-68", 68)
    assert abs(record["unix_s"] - time.time()) < 60
    assert abs(record["at_ns"] - time.monotonic_ns()) < 60e9


def test_a_table_has_time_size_and_pose_and_a_row_for_an_empty_frame(make_result):
    stream = io.StringIO()
    table = Table(stream, 68)
    table.write(make_result(3, faces=2, pose_deg=np.array([20.04, -5.0, 10.0], np.float32)))
    table.write(make_result(4, faces=0))
    seen = make_result(5)
    table.write(replace(seen, frame=replace(seen.frame, image=None, time_s=None), faces=()))
    *faces, empty, unreadable = csv.DictReader(io.StringIO(stream.getvalue()))
    assert len(faces) == 2
    for row in faces:
        assert [row[name] for name in OF_A_FRAME] == ["3", "planted", "0.1000", "64", "48"]
        assert (row["yaw_deg"], row["pitch_deg"], row["roll_deg"]) == ("20.0", "-5.0", "10.0")
    assert {name: cell for name, cell in empty.items() if cell} == {
        "frame": "4",
        "name": "planted",
        "time_s": "0.1333",
        "width": "64",
        "height": "48",
    }
    assert {name: cell for name, cell in unreadable.items() if cell} == {
        "frame": "5",
        "name": "planted",
    }
    assert not [row for row in (empty, unreadable) if None in row or None in row.values()]
