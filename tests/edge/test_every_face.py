"""The shipped finder and pipeline on bundled pictures: small, rolled, dark faces, and none."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from edge.finder.own import open_own_finder
from edge.pipeline import Pipeline
from edge.runtime.load import load_localizer
from edge.tracking.schedule import IDLE_EVERY
from landmarks.boxes import face_box, intersection_over_union
from landmarks.metrics import nme
from landmarks.pictures import read_picture
from landmarks.pts import read_pts
from landmarks.schemes import IBUG68

FACES = range(0, 24, 2)


@pytest.fixture(scope="module")
def finder():
    return open_own_finder(threads=1)


@pytest.fixture(scope="module")
def localizer():
    return load_localizer("default", threads=1)


@pytest.fixture(scope="module")
def faces(faces_dir):
    names = [f"face_{number:03}" for number in FACES]
    return [
        (read_picture(faces_dir / f"{name}.jpg"), read_pts(faces_dir / f"{name}.pts"))
        for name in names
    ]


def placed(picture, points, *, side_px, roll_deg=0.0, centre=(440, 330), size=(640, 480)):
    """A grey frame with a face of so many pixels, turned clockwise."""
    box = face_box(points)
    zoom = side_px / box.width
    a, b = zoom * np.cos(np.radians(roll_deg)), zoom * np.sin(np.radians(roll_deg))
    linear = np.array([[a, -b], [b, a]])
    shift = np.array(centre) - linear @ box.centre
    if zoom < 0.5:
        picture = cv2.GaussianBlur(picture, (0, 0), 0.4 / zoom)
    matrix = np.column_stack([linear, shift])
    frame = cv2.warpAffine(picture, matrix, size, borderValue=(110, 110, 110))
    return frame, (points @ linear.T + shift).astype(np.float32)


def hit(found, points):
    return any(intersection_over_union(face.box, face_box(points)) > 0.5 for face in found)


@pytest.mark.parametrize("side_px", [28, 40, 120, 300])
def test_small_and_large_faces_are_found_in_a_picture(finder, localizer, faces, side_px):
    pipeline = Pipeline(finder, localizer, faces=4, follow=False)
    hits = 0
    for picture, points in faces:
        frame, truth = placed(picture, points, side_px=side_px, centre=(330, 250))
        hits += hit(pipeline.process(frame)[0], truth)
    assert hits >= len(faces) - 1


def test_a_face_of_20_px_is_found_in_a_film_within_a_second(finder, localizer, faces):
    picture, points = faces[0]
    frame, truth = placed(picture, points, side_px=20)
    pipeline = Pipeline(finder, localizer)
    for _ in range(60):  # an empty room, searched with pauses
        assert pipeline.process(np.full_like(frame, 90))[0] == ()
    found = [hit(pipeline.process(frame)[0], truth) for _ in range(30)]
    assert any(found)
    assert IDLE_EVERY > 1


@pytest.mark.parametrize("roll_deg", [-90, -45, 45, 90])
def test_rolled_faces_are_found_and_their_landmarks_lie_right(finder, localizer, faces, roll_deg):
    pipeline = Pipeline(finder, localizer, faces=4, follow=False)
    errors = []
    for picture, points in faces:
        frame, truth = placed(picture, points, side_px=150, roll_deg=roll_deg, centre=(320, 240))
        near = [face for face in pipeline.process(frame)[0] if hit([face], truth)]
        errors += [nme(near[0].points_frame, truth, IBUG68)] if near else []
    assert len(errors) >= len(faces) - 2
    assert np.median(errors) < 0.06


def test_faces_in_little_light_are_found(finder, localizer, faces):
    pipeline = Pipeline(finder, localizer, faces=4, follow=False)
    hits = 0
    for picture, points in faces:
        frame, truth = placed(picture, points, side_px=120, centre=(320, 240))
        hits += hit(pipeline.process((frame * 0.2).astype(np.uint8))[0], truth)
    assert hits >= len(faces) - 2


def test_pictures_without_a_face_have_none(finder, localizer, faces, rng):
    noise = rng.integers(0, 256, (480, 640, 3)).astype(np.uint8)
    ramp = np.broadcast_to(np.linspace(0, 255, 640)[None, :, None], (480, 640, 3))
    letters = np.full((480, 640, 3), 230, np.uint8)
    for row in range(10):
        cv2.putText(letters, "no face here 08:OO", (10, 40 + 45 * row), 0, 1.5, (20, 20, 60), 3)
    circles = np.full((480, 640, 3), 120, np.uint8)
    for x, y, radius in rng.integers(20, 400, (30, 3)):
        cv2.circle(
            circles, (int(x), int(y)), int(radius) // 6, rng.integers(0, 255, 3).tolist(), -1
        )
    shuffled = []
    for picture, _ in faces[:6]:  # skin and hair, but no face: squares of 24 px in another order
        side = picture.shape[0] // 24
        squares = picture[: side * 24, : side * 24].reshape(side, 24, side, 24, 3).swapaxes(1, 2)
        squares = rng.permutation(squares.reshape(-1, 24, 24, 3)).reshape(side, side, 24, 24, 3)
        shuffled.append(
            np.ascontiguousarray(squares.swapaxes(1, 2).reshape(side * 24, side * 24, 3))
        )
    pipeline = Pipeline(finder, localizer, faces=9, follow=False)
    pictures = [noise, np.ascontiguousarray(ramp, np.uint8), letters, circles, *shuffled]
    assert [len(pipeline.process(picture)[0]) for picture in pictures] == [0] * len(pictures)
