from __future__ import annotations

import tracemalloc
from dataclasses import replace

import cv2
import numpy as np
import pytest

from edge.finder import Detection
from edge.finder.haar import HaarFinder
from edge.finder.own import open_own_finder
from edge.finder.parts import parts_of
from edge.pipeline import TRIES_PER_FREE_SLOT, Pipeline
from edge.tracking.schedule import FIND_EVERY, FIRST_SEARCHES, IDLE_EVERY, SETTLED_FRAMES
from edge.tracking.smooth import OneEuro
from landmarks.boxes import Box, face_box, intersection_over_union
from landmarks.card import RegressionHead
from landmarks.locate import Localizer
from landmarks.measures import measure_face
from landmarks.metrics import nme
from landmarks.pictures import read_picture
from landmarks.pose import head_pose
from landmarks.pts import read_pts
from landmarks.schemes import IBUG68

BLACK = np.zeros((240, 320, 3), np.uint8)


class CountingFinder:
    """A finder that knows where the faces of a whole frame are, and counts how often it was asked.

    A smaller picture than the first one is a part of it, in which it sees nothing.
    """

    def __init__(self, boxes, score=1.0):
        self.boxes, self.score = boxes, score
        self.calls = 0
        self.shape = (0, 0)

    def find(self, frame):
        self.calls += 1
        self.shape = max(self.shape, frame.shape[:2])
        known = self.boxes if frame.shape[:2] == self.shape else []
        return tuple(Detection(box, self.score) for box in known)


class CountingNetwork:
    """A network that counts its runs."""

    def __init__(self, network):
        self.card, self.inner, self.runs = network.card, network, 0

    def infer(self, crop):
        self.runs += 1
        return self.inner.infer(crop)


def spoilt(localizer, spoil):
    """The same localizer, what it decodes changed by ``spoil``."""
    return Localizer(localizer.network, lambda outputs: spoil(localizer.decode(outputs)))


def test_a_face_is_followed_with_one_id_and_found_only_once(clip, localizer):
    images, truth = clip
    finder = CountingFinder([face_box(truth[0])])
    pipeline = Pipeline(finder, localizer)
    errors = []
    for image, points in zip(images, truth, strict=True):
        (face,), _ = pipeline.process(image)
        assert face.id == 0
        errors.append(nme(face.points_frame, points, IBUG68))
    assert finder.calls == 1
    assert np.mean(errors) < 0.06


def test_a_network_that_says_no_presence_is_not_followed(clip, localizer):
    """Its answers look like a face whatever it sees, so a track would never end."""
    images, truth = clip
    head = RegressionHead(localizer.network.card.head.mean_face, ((1.0, 1.0),) * 68)
    network = CountingNetwork(localizer.network)
    network.card = replace(network.card, head=head)
    finder = CountingFinder([face_box(truth[0])])
    pipeline = Pipeline(
        finder,
        spoilt(Localizer(network, localizer.decode), lambda face: replace(face, presence=1.0)),
        smoothing=OneEuro(),
    )
    assert not pipeline.follows
    for index, image in enumerate(images[:3]):
        (face,), _ = pipeline.process(image, time_s=index / 30)
        assert (face.id, face.points_smooth) == (0, None)
    assert finder.calls == 3


def test_a_face_keeps_the_score_with_which_it_was_found(clip, localizer):
    images, truth = clip

    class LessAndLessSure(CountingFinder):
        def find(self, frame):
            super().find(frame)
            return tuple(Detection(box, 1 - 0.1 * self.calls) for box in self.boxes)

    finder = LessAndLessSure([face_box(truth[0])])
    pipeline = Pipeline(finder, localizer)
    scores = [pipeline.process(image)[0][0].score for image in images[:SETTLED_FRAMES]]
    assert scores == [0.9] * SETTLED_FRAMES
    pipeline.process(BLACK)
    assert finder.calls == 2
    ((again,), _) = pipeline.process(images[0])
    assert again.score == 1 - 0.1 * finder.calls


def test_the_finder_looks_at_the_small_picture_that_a_camera_gives(clip, localizer):
    images, truth = clip
    small = cv2.resize(images[0], None, fx=0.5, fy=0.25, interpolation=cv2.INTER_AREA)
    looked_at = []

    class SmallFinder:
        def find(self, frame):
            looked_at.append(frame.shape)
            return (Detection(face_box(truth[0]).resized(0.5, 0.25), 1.0),)

    (face,), _ = Pipeline(SmallFinder(), localizer).process(images[0], small=small)
    assert looked_at == [small.shape]
    assert nme(face.points_frame, truth[0], IBUG68) < 0.06


def test_faces_are_measured_where_it_is_asked_for(clip, localizer):
    images, truth = clip
    finder = CountingFinder([face_box(truth[0])])
    (plain,), _ = Pipeline(finder, localizer).process(images[0])
    assert plain.measures is None
    (face,), _ = Pipeline(finder, localizer, measure=True).process(images[0])
    assert face.measures == measure_face(face.points_frame, IBUG68)
    wanted = measure_face(truth[0], IBUG68)
    assert face.measures.eyes_open == pytest.approx(wanted.eyes_open, abs=0.05)
    assert face.measures.mouth_open == pytest.approx(wanted.mouth_open, abs=0.05)


def test_the_haar_finder_starts_the_same_track(clip, localizer):
    images, truth = clip
    (face,), times = Pipeline(HaarFinder(), localizer).process(images[0])
    assert intersection_over_union(face.box, face_box(truth[0])) > 0.7
    assert min(times.find_ms, times.crop_ms, times.infer_ms, times.decode_ms) > 0


@pytest.mark.parametrize("value", [0, 255])
def test_a_black_or_white_frame_has_no_face(localizer, value):
    pipeline = Pipeline(HaarFinder(), localizer)
    for _ in range(3):
        faces, _ = pipeline.process(np.full((240, 320, 3), value, np.uint8))
        assert faces == ()


def test_a_lost_face_is_looked_for_at_once_and_gets_a_new_id(clip, localizer):
    images, truth = clip
    finder = CountingFinder([face_box(truth[0])])
    pipeline = Pipeline(finder, localizer)
    for image in images[:SETTLED_FRAMES]:
        ((first,), _) = pipeline.process(image)
    finder.boxes = []
    gone, _ = pipeline.process(BLACK)
    assert gone == () and finder.calls == 2
    finder.boxes = [face_box(truth[1])]
    ((again,), _) = pipeline.process(images[1])
    assert again.id == first.id + 1
    assert (pipeline.counts.begun, pipeline.counts.lost) == (2, 1)


@pytest.mark.parametrize(("presence", "begins", "holds"), [(0.7, 1, 1), (0.5, 0, 1), (0.3, 0, 0)])
def test_the_card_says_how_sure_an_answer_must_be(clip, localizer, presence, begins, holds):
    images, truth = clip
    card = localizer.network.card
    network = CountingNetwork(localizer.network)
    network.card = replace(card, head=replace(card.head, min_presence=0.6))
    sure = [1.0, 1.0, presence]  # a new face is looked at twice

    def spoil(face):
        return replace(face, presence=sure[min(network.runs, len(sure)) - 1])

    finder = CountingFinder([face_box(truth[0])], score=0.63)
    pipeline = Pipeline(finder, spoilt(Localizer(network, localizer.decode), spoil))
    assert len(pipeline.process(images[0])[0]) == 1
    assert len(pipeline.process(images[1])[0]) == holds
    sure[:] = [presence]
    network.runs = 0
    another = Pipeline(finder, spoilt(Localizer(network, localizer.decode), spoil))
    assert len(another.process(images[0])[0]) == begins


@pytest.mark.parametrize(
    "spoil",
    [
        lambda face: replace(face, points_unit=np.full_like(face.points_unit, np.nan)),
        lambda face: replace(face, points_unit=face.points_unit * np.float32(40)),
    ],
    ids=["not finite", "far outside"],
)
def test_a_blown_up_answer_ends_the_track_is_counted_and_the_face_found_again(
    clip, localizer, spoil
):
    images, truth = clip
    broken = False
    patient = spoilt(localizer, lambda face: spoil(face) if broken else face)
    pipeline = Pipeline(CountingFinder([face_box(truth[0])]), patient)
    for image in images[:SETTLED_FRAMES]:
        pipeline.process(image)
    broken = True
    faces, _ = pipeline.process(images[SETTLED_FRAMES])
    broken = False
    again, _ = pipeline.process(images[SETTLED_FRAMES + 1])
    assert faces == ()
    assert (len(again), pipeline.counts.blown_up, pipeline.counts.lost) == (1, 1, 1)


def test_an_empty_room_is_searched_on_a_schedule_and_nothing_grows(localizer):
    finder = CountingFinder([])
    pipeline = Pipeline(finder, localizer)
    for _ in range(1000):
        faces, times = pipeline.process(BLACK)
        assert faces == () and times.infer_ms == 0
    assert 1000 / IDLE_EVERY <= finder.calls <= 1000 / IDLE_EVERY + FIRST_SEARCHES
    assert pipeline.counts.begun == 0


def test_ghosts_of_the_finder_do_not_bring_finder_and_network_to_the_full_rate(localizer):
    finder = CountingFinder([Box(80, 60, 200, 180)])
    network = CountingNetwork(localizer.network)
    pipeline = Pipeline(finder, Localizer.of(network))
    for _ in range(200):
        pipeline.process(BLACK)
    assert finder.calls <= 200 / IDLE_EVERY + FIRST_SEARCHES
    assert network.runs <= 2 * finder.calls


def test_free_slots_are_searched_now_and_then_not_always(clip, localizer):
    images, truth = clip
    finder = CountingFinder([face_box(truth[0])])
    pipeline = Pipeline(finder, localizer, faces=2)
    for image in images[: FIRST_SEARCHES + 2 * FIND_EVERY]:
        faces, _ = pipeline.process(image)
        assert len(faces) == 1, "the same face must not be reported twice"
    assert finder.calls == FIRST_SEARCHES + 2


def test_the_largest_of_fifty_faces_are_followed_in_bounded_time_and_the_rest_counted(
    faces_dir, localizer
):
    scene = np.zeros((768, 2000, 3), np.uint8)
    face, points = read_picture(faces_dir / "face_000.jpg"), read_pts(faces_dir / "face_000.pts")
    places = [(200 * (i % 10), 150 * (i // 10)) for i in range(50)]
    for x, y in places:
        scene[y : y + 150, x : x + 192] = face[20:170]
    boxes = [face_box(points - [0, 20] + place) for place in places]
    larger = {7, 23, 41}
    given = [
        Box.from_centre(box.centre, box.width + 4 * (i in larger)) for i, box in enumerate(boxes)
    ]
    network = CountingNetwork(localizer.network)
    pipeline = Pipeline(CountingFinder(given), Localizer.of(network), faces=3)
    found, _ = pipeline.process(scene)
    centres = sorted(np.array([face.box.centre for face in found]).tolist())
    expected = sorted([list(boxes[i].centre) for i in larger])
    np.testing.assert_allclose(centres, expected, atol=12)
    assert pipeline.counts.left_out == 3 * (TRIES_PER_FREE_SLOT - 1), "of those that were seen"
    assert network.runs <= 2 * 3 * TRIES_PER_FREE_SLOT


def test_more_detections_than_asked_for_are_left_out(clip, localizer):
    images, truth = clip
    box = face_box(truth[0])
    finder = CountingFinder([box, Box(box.x0 + 2, box.y0, box.x1 + 2, box.y1)])
    faces, _ = Pipeline(finder, localizer, faces=1).process(images[0])
    assert len(faces) == 1


def test_unrelated_pictures_are_never_followed_and_not_smoothed(clip, localizer):
    images, truth = clip
    finder = CountingFinder([face_box(truth[0])])
    looks = 1 + len(parts_of(images[0]))
    pipeline = Pipeline(finder, localizer, follow=False, smoothing=OneEuro())
    for _ in range(3):
        (face,), _ = pipeline.process(images[0], 0.0)
        assert face.id == 0 and face.points_smooth is None
    assert finder.calls == 3 * looks


def test_a_still_face_settles_altogether(clip, localizer):
    images, truth = clip
    pipeline = Pipeline(CountingFinder([face_box(truth[0])]), localizer)
    for _ in range(12):
        ((settled,), _) = pipeline.process(images[0])
    for _ in range(20):
        ((face,), _) = pipeline.process(images[0])
        np.testing.assert_array_equal(face.points_frame, settled.points_frame)
    assert nme(face.points_frame, truth[0], IBUG68) < 0.06


def test_a_followed_face_costs_no_memory_of_the_size_of_a_picture(clip, localizer):
    """Crop, input and outputs are where they were a frame ago; what is new are points."""
    images, truth = clip
    finder = CountingFinder([face_box(truth[0])])
    pipeline = Pipeline(finder, localizer, smoothing=OneEuro(), pose=True)
    for index, image in enumerate(images[:5]):
        pipeline.process(image, index / 25)
    crop_bytes = localizer.network.card.input_size**2 * 3
    tracemalloc.start()
    try:
        for index, image in enumerate(images[5:15], start=5):
            before, _ = tracemalloc.get_traced_memory()
            tracemalloc.reset_peak()
            pipeline.process(image, index / 25)
            _, peak = tracemalloc.get_traced_memory()
            assert peak - before < 2 * crop_bytes < image.nbytes / 4
    finally:
        tracemalloc.stop()
    assert finder.calls == 1


def test_raw_and_smooth_points_are_both_given(clip, localizer):
    images, truth = clip
    finder = CountingFinder([face_box(truth[0])])
    plain, smooth = Pipeline(finder, localizer), Pipeline(finder, localizer, smoothing=OneEuro())
    for index, image in enumerate(images[:8]):
        ((raw,), _), ((both,), _) = plain.process(image), smooth.process(image, index / 25)
        assert raw.points_smooth is None
        np.testing.assert_array_equal(raw.points_frame, both.points_frame)
    distance = np.linalg.norm(both.points_smooth - both.points_frame, axis=1)
    assert 0 < distance.mean() < 0.05 * both.box.width


def test_frames_without_a_time_are_not_smoothed(clip, localizer):
    images, truth = clip
    pipeline = Pipeline(CountingFinder([face_box(truth[0])]), localizer, smoothing=OneEuro())
    ((face,), _) = pipeline.process(images[0])
    assert face.points_smooth is None


def test_pose_is_given_where_it_is_asked_for(clip, localizer):
    images, truth = clip
    finder = CountingFinder([face_box(truth[0])])
    ((without,), _) = Pipeline(finder, localizer).process(images[0])
    ((face,), _) = Pipeline(finder, localizer, pose=True).process(images[0])
    assert without.pose_deg is None
    assert face.pose_deg == pytest.approx(head_pose(truth[0], IBUG68).angles_deg, abs=8)


def test_a_face_that_the_network_doubts_is_followed_while_the_finder_sees_it(clip, localizer):
    """As a mask: presence below the threshold, and a finder that sees a face."""
    images, _ = clip
    low = 0.5 * localizer.network.card.head.min_presence
    masked = spoilt(localizer, lambda face: replace(face, presence=low))
    finder, blind = open_own_finder(threads=1), False

    class Blindable:
        def find(self, frame):
            return () if blind else finder.find(frame)

    pipeline = Pipeline(Blindable(), masked, min_evidence=0.5)
    seen = [pipeline.process(images[0])[0] for _ in range(6 * FIND_EVERY)]
    assert {faces[0].id for faces in seen} == {0}
    blind = True
    ended = [len(pipeline.process(images[0])[0]) for _ in range(6 * FIND_EVERY)]
    assert ended[0] == 1 and ended[-1] == 0, "what the finder does not see any more is no mask"


def test_a_face_that_the_network_knows_outlasts_the_finder(clip, localizer):
    images, truth = clip
    finder = CountingFinder([face_box(truth[0])])
    pipeline = Pipeline(finder, localizer, faces=2)
    pipeline.process(images[0])
    finder.boxes = []
    assert all(len(pipeline.process(images[0])[0]) == 1 for _ in range(6 * FIND_EVERY))


def test_a_head_that_lies_on_its_side_is_seen_upright_when_the_finder_says_its_roll(
    faces_dir, localizer
):
    picture, points = read_picture(faces_dir / "face_000.jpg"), read_pts(faces_dir / "face_000.pts")
    lying = np.ascontiguousarray(np.rot90(picture, -1))  # a quarter clockwise
    turned = np.stack([picture.shape[0] - 1 - points[:, 1], points[:, 0]], axis=1)

    class SaysTheRoll(CountingFinder):
        def find(self, frame):
            return tuple(replace(found, roll_deg=90.0) for found in super().find(frame))

    box = face_box(turned.astype(np.float32))
    ((face,), _) = Pipeline(SaysTheRoll([box]), localizer, follow=False).process(lying)
    assert nme(face.points_frame, turned.astype(np.float32), IBUG68) < 0.06


def test_a_search_that_only_confirms_does_not_forget_the_faces_that_were_left_out(clip, localizer):
    images, _ = clip
    two = np.hstack([images[0], images[0]])
    low = 0.5 * localizer.network.card.head.min_presence
    masked = spoilt(localizer, lambda face: replace(face, presence=low))
    pipeline = Pipeline(open_own_finder(threads=1), masked, min_evidence=0.5)
    for _ in range(3 * FIND_EVERY):
        assert len(pipeline.process(two)[0]) == 1
    assert (pipeline.counts.begun, pipeline.counts.left_out) == (1, 1)
