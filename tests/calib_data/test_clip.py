from __future__ import annotations

import json

import cv2
import numpy as np
import pytest

from calib_data import CLIP_PATH, CLIP_TRUTH_PATH, DROWSY_CLIP_PATH, SAMPLER_PATH
from calib_data.appearance import load_model
from calib_data.clip import DROWSY, ClipPlan, cast_actor, clip_points, render_clip
from landmarks.measures import measure_face
from landmarks.schemes import IBUG68


@pytest.fixture(scope="module")
def truth():
    return [json.loads(line) for line in CLIP_TRUTH_PATH.read_text(encoding="utf-8").splitlines()]


def test_clip_has_as_many_frames_as_truth_lines(truth):
    video = cv2.VideoCapture(str(CLIP_PATH))
    frames = 0
    while video.grab():
        frames += 1
    size = video.get(cv2.CAP_PROP_FRAME_WIDTH), video.get(cv2.CAP_PROP_FRAME_HEIGHT)
    video.release()
    assert frames == len(truth) == ClipPlan().n_frames
    assert size == (480, 360)


def test_truth_counts_frames_from_zero_and_keeps_the_face_inside(truth):
    assert [line["frame"] for line in truth] == list(range(len(truth)))
    for line in truth:
        (face,) = line["faces"]
        points = np.asarray(face["points"])
        assert points.shape == (68, 2)
        assert (points >= 0).all() and (points <= (479, 359)).all()


def test_truth_moves_smoothly(truth):
    points = np.array([line["faces"][0]["points"] for line in truth])
    step = np.linalg.norm(np.diff(points, axis=0), axis=2)
    assert step.max() < 12
    assert np.ptp(points.mean(1)[:, 0]) > 30


def test_clip_repeats_for_a_seed_and_its_face_blinks_and_talks():
    model, plan = load_model(SAMPLER_PATH), ClipPlan(width=160, height=120, duration_s=0.04)
    first, again = (list(render_clip(model, 3, plan)) for _ in range(2))
    assert np.array_equal(first[0][0], again[0][0])

    plan = ClipPlan()
    actor = cast_actor(model, np.random.default_rng(0))
    points = np.stack([clip_points(model, actor, plan, i)[1] for i in range(plan.n_frames)])
    size = np.ptp(points[:, :17, 0], axis=1)
    eye = (points[:, 41, 1] - points[:, 37, 1]) / size
    mouth = (points[:, 66, 1] - points[:, 62, 1]) / size
    assert eye.min() < 0.5 * np.median(eye)
    assert mouth.max() > np.median(mouth) + 0.05


def test_drowsy_face_yawns_and_nods_off_when_its_plan_says():
    model = load_model(SAMPLER_PATH)
    actor = cast_actor(model, np.random.default_rng([33, 0]))
    seen = [
        measure_face(clip_points(model, actor, DROWSY, i)[1], IBUG68)
        for i in range(DROWSY.n_frames)
    ]

    def during(begin, end):
        return [m for i, m in enumerate(seen) if begin < i / DROWSY.fps < end]

    for begin, end in DROWSY.yawns_s:
        assert min(m.mouth_open for m in during(begin + 0.7, end - 0.7)) > 0.6
    for begin, end in DROWSY.naps_s:
        assert max(m.eyes_open for m in during(begin + 0.2, end - 0.2)) < 0.1
    assert max(m.mouth_open for m in during(*DROWSY.talk_s)) < 0.3
    for begin in DROWSY.blinks_s:
        assert min(m.eyes_open for m in during(begin, begin + 0.28)) < 0.1


def test_clips_are_small():
    assert CLIP_PATH.stat().st_size <= 1.5e6
    assert DROWSY_CLIP_PATH.stat().st_size <= 150_000
