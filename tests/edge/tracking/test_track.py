from __future__ import annotations

from dataclasses import replace
from itertools import count, pairwise

import numpy as np
import pytest

from edge.camera.virtual import Motion, VirtualCamera
from edge.finder import Detection
from edge.pipeline import Pipeline
from edge.tracking.region import Region
from edge.tracking.schedule import IDLE_EVERY, SETTLED_FRAMES
from edge.tracking.smooth import Smoothed
from edge.tracking.track import MAX_RESIDUAL, Seen, Track, advance, judge, part
from landmarks.boxes import Box, face_box
from landmarks.locate import LocatedFace
from landmarks.metrics import nme
from landmarks.pictures import read_picture
from landmarks.pts import read_pts
from landmarks.schemes import IBUG68
from landmarks.shape import MeanFace

BOX = Box.from_centre((100, 100), 80)


class Knowing:
    """A finder that is told where the faces are."""

    def __init__(self):
        self.boxes = []

    def find(self, frame):
        return tuple(Detection(box, 1.0) for box in self.boxes)


def face_at(face68, centre, side=80.0, presence=0.7):
    unit = face68 - np.array(face_box(face68).centre)
    points = unit / face_box(face68).width * side + np.array(centre)
    return LocatedFace(points.astype(np.float32), presence)


def track_at(face68, centre, *, id=0, frames=SETTLED_FRAMES, side=80.0):
    face = face_at(face68, centre, side)
    box = face_box(face.points_frame)
    track = Track.begin(id, Seen("face", face, 0.1, box, Region(box)), 0.9, 0.5)
    return replace(track, frames=frames)


def look(face, asked, face68):
    """Judge as a track does that the landmark network does not doubt."""
    return judge(face, asked, MeanFace.of(face68), least_presence=0.4, max_residual=MAX_RESIDUAL)


def verdict(face, face68):
    return look(face, Region(BOX), face68).verdict


def test_a_face_is_a_face(face68):
    assert verdict(face_at(face68, (104, 98)), face68) == "face"


@pytest.mark.parametrize(
    "points, expected",
    [
        (np.full((68, 2), np.nan), "blown up"),
        (np.full((68, 2), 1e9), "blown up"),
        (100 + np.random.default_rng(0).uniform(-85, 85, (68, 2)), "blown up"),
        (np.full((68, 2), 100.0), "no face"),
        (100 + np.random.default_rng(0).uniform(-50, 50, (68, 2)), "no face"),
        (100 + np.stack([np.linspace(-40, 40, 68), np.zeros(68)], axis=1), "no face"),
    ],
    ids=["not finite", "far away", "beyond twice the box", "one point", "scattered", "a line"],
)
def test_points_that_no_face_has_are_told_apart(face68, points, expected):
    assert verdict(LocatedFace(points.astype(np.float32), 1.0), face68) == expected


@pytest.mark.parametrize("presence, expected", [(0.4, "face"), (0.39, "no face")])
def test_an_unsure_answer_is_no_face(face68, presence, expected):
    assert verdict(face_at(face68, (100, 100), presence=presence), face68) == expected


@pytest.mark.parametrize(
    "side, presence, expected, at_points",
    [(80, 0.1, "no face", True), (6, 0.7, "no face", True), (400, 0.7, "blown up", False)],
    ids=["unsure", "tiny", "blown up"],
)
def test_where_no_face_is_the_place_stays_the_one_that_was_asked_for(
    face68, side, presence, expected, at_points
):
    face, asked = face_at(face68, (110, 100), side, presence), Region(BOX)
    box = face_box(face.points_frame) if at_points else BOX
    seen = look(face, asked, face68)
    assert seen == Seen(
        expected, face, 1.0 if expected == "blown up" else seen.residual, box, asked
    )
    assert seen.residual == pytest.approx(1.0 if expected == "blown up" else 0.0, abs=1e-3)


def test_a_track_begins_with_the_score_of_its_detection(face68):
    face = face_at(face68, (100, 100))
    track = Track.begin(3, Seen("face", face, 0.1, BOX, Region(BOX)), 0.8, min_presence=0.5)
    assert (track.id, track.face, track.box, track.score) == (3, face, BOX, 0.8)
    assert (track.frames, track.smoothed) == (1, None)


@pytest.mark.parametrize(
    "presence, residual, least_presence, most_residual, doubted",
    [
        (0.7, 0.1, 0.3, 0.4, False),
        (0.3, 0.1, 0.18, 0.4, True),
        (0.7, 0.5, 0.3, 0.625, True),
    ],
    ids=["sure", "a mask", "a profile"],
)
def test_a_track_holds_by_what_it_began_with(
    face68, presence, residual, least_presence, most_residual, doubted
):
    face = face_at(face68, (100, 100), presence=presence)
    track = Track.begin(0, Seen("face", face, residual, BOX, Region(BOX)), 0.9, min_presence=0.5)
    assert track.least_presence == pytest.approx(least_presence)
    assert track.most_residual == pytest.approx(most_residual)
    assert track.doubted == doubted


@pytest.mark.parametrize(
    "centre, side, goes_on",
    [
        ((140, 60), 80, True),
        ((141, 100), 80, False),
        ((100, 59), 80, False),
        ((100, 100), 160, True),
        ((100, 100), 161, False),
        ((100, 100), 40, True),
        ((100, 100), 39, False),
    ],
)
def test_a_track_takes_steps_and_no_jumps(face68, centre, side, goes_on):
    """From a box of 80 px: half of it in each direction, twice its side and half of it."""
    face, box = face_at(face68, centre, side), Box.from_centre(centre, side)
    before = replace(track_at(face68, (100, 100), id=4), region=Region(BOX))
    now = advance(before, Seen("face", face, 0.1, box, Region(box)))
    assert (now is not None) == goes_on
    assert now is None or (now.id, now.frames) == (4, SETTLED_FRAMES + 1)


def test_a_face_that_gathers_speed_is_followed_farther_than_a_step(face68):
    track = track_at(face68, (100, 100))
    for x in (136, 196, 256):  # 0.45 and then 0.75 of its side from frame to frame
        face = face_at(face68, (x, 100))
        box = face_box(face.points_frame)
        track = advance(track, Seen("face", face, 0.1, box, Region(box)))
        assert track is not None, x


def test_a_duplicate_that_has_not_settled_is_dropped(face68):
    old, new = track_at(face68, (100, 100), id=0), track_at(face68, (104, 100), id=1, frames=2)
    assert part([old, new], count(7)) == part([new, old], count(7)) == (old,)


def test_two_settled_tracks_on_one_face_give_it_a_new_id(face68):
    smoothed = Smoothed(np.zeros((68, 2)), np.zeros((68, 2)), 0.0)
    first, second = (replace(track_at(face68, (x, 100), id=x), smoothed=smoothed) for x in (0, 4))
    assert part([first, second], count(7)) == (replace(first, id=7, frames=1, smoothed=None),)


def test_a_track_that_has_ended_ends_no_other(face68):
    tracks = [track_at(face68, (x, 100), id=x) for x in (100, 130, 160)]
    assert [track.id for track in part(tracks, count(7))] == [7, 160]


def test_tracks_on_one_face_are_found_behind_one_that_stands_apart(face68):
    tracks = [track_at(face68, (x, 100), id=x) for x in (100, 300, 304)]
    assert [track.id for track in part(tracks, count(7))] == [100, 7]


def test_faces_side_by_side_are_left_alone(face68):
    tracks = [track_at(face68, (100, 100), id=0), track_at(face68, (170, 100), id=1)]
    assert part(tracks, count(7)) == tuple(tracks)


def crossing(faces_dir, *, behind, before, frames=60):
    """Two faces that pass each other, the second in front: frames and the boxes of both."""
    pictures = [read_picture(faces_dir / f"face_{n:03d}.jpg") for n in (behind, before)]
    points = [read_pts(faces_dir / f"face_{n:03d}.pts") for n in (behind, before)]
    for index in range(frames):
        frame = np.full((240, 640, 3), 90, np.uint8)
        boxes = []
        across = round(440 * index / (frames - 1))
        for picture, face, x in zip(pictures, points, (across, 440 - across), strict=True):
            height, width = picture.shape[:2]
            box = face_box(face)
            y0, y1 = max(int(box.y0) - 12, 0), min(int(box.y1) + 12, height)
            x0, x1 = max(int(box.x0) - 12, 0), min(int(box.x1) + 12, width)
            frame[20 + y0 : 20 + y1, x + x0 : x + x1] = picture[y0:y1, x0:x1]
            boxes.append(face_box(face + [x, 20]))
        yield frame, boxes


@pytest.mark.parametrize("behind, before", [(0, 1), (5, 3), (9, 12)])
def test_faces_that_cross_keep_their_ids_or_get_new_ones(faces_dir, localizer, behind, before):
    finder = Knowing()
    pipeline = Pipeline(finder, localizer, faces=2)
    owners: dict[int, set[int]] = {}
    for frame, boxes in crossing(faces_dir, behind=behind, before=before):
        apart = abs(boxes[0].centre[0] - boxes[1].centre[0])
        finder.boxes = boxes if apart > boxes[0].width else boxes[1:]
        faces, _ = pipeline.process(frame)
        if apart < boxes[0].width / 2:
            continue  # one hides the other: whose face it is cannot be told
        for face in faces:
            distances = [abs(face.box.centre[0] - box.centre[0]) for box in boxes]
            owners.setdefault(face.id, set()).add(int(np.argmin(distances)))
    assert len(faces) == 2
    assert all(len(who) == 1 for who in owners.values()), owners


def test_a_hidden_face_is_followed_again_soon_after(faces_dir, localizer):
    face, points = read_picture(faces_dir / "face_004.jpg"), read_pts(faces_dir / "face_004.pts")
    motion = Motion(pan_px=60, shake_px=2, noise=3)
    camera = VirtualCamera(face, face_box(points).centre, 1.5, motion, seed=2)
    finder = Knowing()
    pipeline = Pipeline(finder, localizer)
    seen = []
    for index in range(50):
        hidden = 20 <= index < 33
        finder.boxes = [] if hidden else [face_box(camera.to_frame(points, index))]
        frame = np.full((480, 640, 3), 70, np.uint8) if hidden else camera.image(index)
        faces, _ = pipeline.process(frame)
        seen.append(len(faces))
    assert seen[:20] == [1] * 20 and seen[20:33] == [0] * 13
    assert sum(seen[33:]) >= len(seen[33:]) - (3 * IDLE_EVERY - 1), (
        "the whole frame has every third turn"
    )


def test_a_fast_face_is_not_lost(faces_dir, localizer):
    face, points = read_picture(faces_dir / "face_006.jpg"), read_pts(faces_dir / "face_006.pts")
    motion = Motion(pan_px=220, roll_deg=20, zoom=0.2)
    camera = VirtualCamera(face, face_box(points).centre, 1.2, motion, width=960, fps=15, seed=3)
    finder = Knowing()
    pipeline = Pipeline(finder, localizer)
    errors, steps = [], []
    for index in range(40):
        truth = camera.to_frame(points, index).astype(np.float32)
        finder.boxes = [face_box(truth)]
        ((seen,), _) = pipeline.process(camera.image(index))
        errors.append(nme(seen.points_frame, truth, IBUG68))
        steps.append(finder.boxes[0])
    moved = [np.hypot(*np.subtract(b.centre, a.centre)) / a.width for a, b in pairwise(steps)]
    assert max(moved) > 0.15
    assert pipeline.counts.lost == 0
    assert np.mean(errors) < 0.07
