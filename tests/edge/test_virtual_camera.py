from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from edge.camera.virtual import Motion, VirtualCamera, open_virtual
from landmarks.boxes import face_box
from landmarks.pictures import read_picture
from landmarks.pts import read_pts

ALL = Motion(pan_px=60, zoom=0.3, roll_deg=25, shake_px=4, exposure=0.5, noise=3)


@pytest.fixture(scope="module")
def still():
    """A smooth picture with one bright dot at (60, 45)."""
    picture = np.full((90, 120, 3), 40, np.uint8)
    cv2.circle(picture, (60, 45), 2, (250, 250, 250), -1)
    return picture


def dot(frame):
    """Where the bright dot is in a frame."""
    bright = np.clip(frame[..., 0].astype(float) - 80, 0, None)
    y, x = np.mgrid[: frame.shape[0], : frame.shape[1]]
    return np.array([(x * bright).sum(), (y * bright).sum()]) / bright.sum()


def test_points_are_where_the_motion_says(still):
    camera = VirtualCamera(still, (60, 45), 2.0, replace(ALL, noise=0, exposure=0), seed=4)
    points = np.array([[60.0, 45.0]])
    places = [camera.to_frame(points, index)[0] for index in range(0, 60, 6)]
    for index, place in zip(range(0, 60, 6), places, strict=True):
        assert dot(camera.image(index)) == pytest.approx(place, abs=0.15)
    assert np.ptp(places, axis=0).max() > 20, "it does move"


def test_points_there_and_back_are_unchanged(still, rng):
    camera = VirtualCamera(still, (60, 45), 2.0, ALL, seed=5)
    points = rng.uniform(0, 120, (68, 2))
    for index in (0, 7, 31):
        back = camera.to_still(camera.to_frame(points, index), index)
        np.testing.assert_allclose(back, points, atol=1e-9)


def test_without_motion_nothing_moves_and_the_centre_is_in_the_middle(still):
    camera = VirtualCamera(still, (60, 45), 2.0, Motion(), seed=1)
    np.testing.assert_array_equal(camera.image(0), camera.image(31))
    assert camera.to_frame(np.array([[60.0, 45.0]]), 9)[0] == pytest.approx((319.5, 239.5))


def test_the_seed_decides_every_pixel(still):
    frames = [
        VirtualCamera(still, (60, 45), 2.0, ALL, width=160, height=120, seed=seed).image(13)
        for seed in (1, 1, 2)
    ]
    np.testing.assert_array_equal(frames[0], frames[1])
    assert (frames[0] != frames[2]).any()


def test_noise_is_as_strong_as_asked_for_and_new_in_each_frame(still):
    flat = np.full((50, 50, 3), 128, np.uint8)
    camera = VirtualCamera(flat, (25, 25), 1.0, Motion(noise=5.0))
    first, second = (camera.image(i).astype(float) for i in (0, 1))
    assert first.std() == pytest.approx(5.0, rel=0.03)
    assert (first - second).std() == pytest.approx(5.0 * np.sqrt(2), rel=0.05)


def test_an_open_shutter_blurs_about_the_same_middle(still):
    sharp = Motion(pan_px=300)
    cameras = [
        VirtualCamera(still, (60, 45), 2.0, motion, seed=3)
        for motion in (sharp, replace(sharp, exposure=1.0))
    ]
    first, second = (camera.image(8) for camera in cameras)
    assert second.max() < first.max()
    assert dot(second) == pytest.approx(dot(first), abs=0.3)


def test_it_is_a_source_of_frames(faces_dir):
    face, points = read_picture(faces_dir / "face_001.jpg"), read_pts(faces_dir / "face_001.pts")
    camera = VirtualCamera(face, face_box(points).centre, 1.5, ALL, fps=25.0, n_frames=3)
    with open_virtual(camera) as source:
        frames = list(source.frames)
    assert (source.continuous, source.fps) == (True, 25.0)
    assert [(frame.index, frame.time_s) for frame in frames] == [(0, 0.0), (1, 0.04), (2, 0.08)]
    assert {frame.image.shape for frame in frames} == {(480, 640, 3)}
