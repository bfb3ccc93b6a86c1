from __future__ import annotations

import json

import numpy as np
import pytest

from edge.camera.virtual import Motion, VirtualCamera
from edge.finder.haar import HaarFinder
from edge.stream import StageTimes
from edge.tracking.smooth import OneEuro
from landmarks.boxes import face_box
from landmarks.errors import DatasetError
from landmarks.faces import read_labelled_faces
from landmarks.schemes import IBUG68
from tests.proofs import tracking
from tests.proofs.trial import FACE_SHARE, WAYS, Trace, camera_over, figures_of, play

MOVING = Motion(pan_px=40, zoom=0.2, roll_deg=15)


@pytest.fixture(scope="module")
def face(faces_dir):
    return read_labelled_faces(faces_dir)[0]


def planted(camera, points_still, offset):
    """A trace that is off the truth by ``offset(index)``, pixels of the frame."""
    points = [
        camera.to_frame(points_still, index) + offset(index) for index in range(camera.n_frames)
    ]
    return Trace(points, [StageTimes()] * camera.n_frames)


def test_a_perfect_trace_has_neither_error_nor_jitter_nor_lag(face):
    camera = camera_over(face, MOVING, n_frames=40, seed=0)
    exact = planted(camera, face.points_frame, lambda index: 0)
    figures = figures_of({"exact": exact}, camera, face.points_frame, IBUG68)["exact"]
    assert (figures.nme, figures.jitter, figures.lag_s) == pytest.approx((0, 0, 0), abs=1e-6)


def test_a_constant_offset_of_a_still_face_is_error_and_no_jitter(face):
    camera = camera_over(face, Motion(), n_frames=30, seed=0)
    shifted = planted(camera, face.points_frame, lambda index: np.array([6.0, 0.0]))
    figures = figures_of({"shifted": shifted}, camera, face.points_frame, IBUG68)["shifted"]
    eyes = np.linalg.norm(face.points_frame[36] - face.points_frame[45]) * camera.magnification
    assert figures.nme == pytest.approx(6 / eyes, rel=1e-3)
    assert figures.jitter == pytest.approx(0, abs=1e-6)
    assert figures.lag_s is None


def test_figures_are_of_the_frames_that_all_ways_saw(face):
    camera = camera_over(face, Motion(), n_frames=40, seed=0)
    good = planted(camera, face.points_frame, lambda index: 50.0 * (index < 25))
    gone = planted(camera, face.points_frame, lambda index: 0)
    gone.points_frame[:25] = [None] * 25
    figures = figures_of({"good": good, "gone": gone}, camera, face.points_frame, IBUG68)
    assert figures["good"].nme == pytest.approx(0, abs=1e-6)
    gone.points_frame[:] = [None] * 40
    assert figures_of({"good": good, "gone": gone}, camera, face.points_frame, IBUG68) == {}


def test_the_face_is_shown_at_arms_length(face):
    camera = camera_over(face, Motion(), n_frames=1, seed=0)
    shown = face_box(camera.to_frame(face.points_frame, 0))
    assert shown.width == pytest.approx(FACE_SHARE * VirtualCamera.height)
    assert shown.centre == pytest.approx((319.5, 239.5))


def test_a_clip_is_looked_at_in_all_ways(face, localizer):
    camera = camera_over(face, MOVING, n_frames=14, seed=1)
    traces = play(camera, face.points_frame, localizer, HaarFinder(), OneEuro())
    assert tuple(traces) == WAYS
    for trace in traces.values():
        assert len(trace.points_frame) == len(trace.times) == 14
    single, tracked, _ = traces.values()
    assert all(times.find_ms > 0 for times in single.times)
    assert sum(times.find_ms > 0 for times in tracked.times) <= 2


def test_the_command_prints_a_table_and_json(faces_dir, monkeypatch, capsys):
    monkeypatch.setattr(tracking, "CLIPS", {"still": Motion(noise=3)})
    arguments = ["--frames", str(faces_dir), "--every", "160", "--length", "30", "--finder", "haar"]
    assert tracking.main(arguments) == 0
    table = capsys.readouterr().out.splitlines()
    assert [line.split(" | ")[1] for line in table[-3:]] == list(WAYS)
    assert tracking.main([*arguments, "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert [row["way"] for row in report["rows"]] == list(WAYS)
    raw, smooth = report["rows"][1:]
    assert 0 < smooth["jitter_percent"] < raw["jitter_percent"]


def test_a_clip_in_which_nobody_is_seen_is_said(face, localizer):
    class Blind:
        def find(self, frame):
            return ()

    with pytest.raises(DatasetError, match="no face was seen"):
        list(tracking.measure(localizer, Blind(), [face], smoothing=OneEuro(), n_frames=30))
