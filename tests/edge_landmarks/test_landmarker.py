from __future__ import annotations

import logging
import threading
from dataclasses import replace

import numpy as np
import pytest

from calib_data import CLIP_PATH, FACES_DIR
from edge.camera.files import open_video
from edge_landmarks import (
    PARTS,
    FaceLandmarker,
    LandmarkError,
    ModelFileError,
    UsageError,
    read_picture,
)
from landmarks.faces import read_labelled_face
from landmarks.metrics import nme
from landmarks.schemes import COFW29, IBUG68
from tests.conftest import CHECKOUT

FACE = read_labelled_face(FACES_DIR / "face_003.pts")


@pytest.fixture(scope="module")
def landmarker():
    return FaceLandmarker(threads=1)


@pytest.fixture(scope="module")
def rgb():
    return FACE.picture.read()


@pytest.fixture(scope="module")
def frames():
    with open_video(CLIP_PATH) as video:
        return [frame.image for frame, _ in zip(video.frames, range(12), strict=False)]


def test_a_picture_gives_its_face_with_everything_about_it(landmarker, rgb):
    (face,) = landmarker(rgb)
    assert face.points.dtype == np.float32
    assert nme(face.points, FACE.points_frame, IBUG68) < 0.06
    assert face.points is face.points_frame and face.points_smooth is None
    assert 0 < face.presence <= 1 and face.id == 0
    assert face.box.width > 50 and face.frame_size == (192, 192)
    assert abs(face.pose.roll_deg) < 45
    assert 0.1 < face.measures.eyes_open < 0.6
    assert face.scheme == IBUG68
    np.testing.assert_allclose(face.points_share * 192 - 0.5, face.points, atol=1e-3)


def test_opencv_s_order_of_colours_gives_the_same_face(landmarker, rgb):
    (face,) = landmarker(rgb)
    (other,) = FaceLandmarker(threads=1, color="bgr")(rgb[..., ::-1])
    np.testing.assert_array_equal(other.points, face.points)
    swapped = landmarker(rgb[..., ::-1])  # the wrong order is another picture
    assert not swapped or not np.array_equal(swapped[0].points, face.points)


def test_all_faces_of_a_group_come_with_the_largest_first(landmarker):
    row = [read_picture(FACES_DIR / f"face_{i:03d}.jpg") for i in (3, 10, 20)]
    group = np.vstack([np.hstack(row), np.zeros((60, 576, 3), np.uint8)])
    faces = landmarker(group)
    assert len(faces) == 3 and [face.id for face in faces] == [0, 1, 2]
    assert len(FaceLandmarker(threads=1, faces=2)(group)) == 2


def test_no_face_is_an_empty_tuple(landmarker):
    assert landmarker(np.zeros((120, 160, 3), np.uint8)) == ()


def test_a_picture_is_neither_changed_nor_remembered(landmarker, rgb):
    before = rgb.copy()
    first, again = landmarker(rgb)[0], landmarker(rgb)[0]
    np.testing.assert_array_equal(rgb, before)
    np.testing.assert_array_equal(first.points, again.points)
    assert landmarker(np.zeros_like(rgb)) == ()


def test_a_video_follows_one_face_with_one_id(landmarker, frames):
    follow = landmarker.video(smooth=True)
    seen = [follow(frame, i / 25) for i, frame in enumerate(frames)]
    assert [[face.id for face in faces] for faces in seen] == [[0]] * len(frames)
    last = seen[-1][0]
    assert last.points is last.points_smooth and last.points is not last.points_frame
    raw = landmarker.video()
    assert raw(frames[0], 0.0)[0].points_smooth is None


def test_two_videos_of_one_landmarker_do_not_mix(landmarker, frames):
    one, other = landmarker.video(), landmarker.video()
    alone = landmarker.video()
    for i, frame in enumerate(frames[:6]):
        (face,) = one(frame, i / 25)
        other(np.zeros_like(frame), i / 25)
        np.testing.assert_array_equal(face.points, alone(frame, i / 25)[0].points)


def test_threads_may_share_a_landmarker(landmarker, rgb):
    wanted = landmarker(rgb)[0].points
    wrong = []

    def work():
        for _ in range(10):
            if not np.array_equal(landmarker(rgb)[0].points, wanted):
                wrong.append(1)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


@pytest.mark.parametrize("times", [(1.0, 1.0), (1.0, 0.5), (float("nan"),), (float("inf"),)])
def test_times_of_a_video_go_forward(landmarker, times):
    follow, frame = landmarker.video(), np.zeros((120, 160, 3), np.uint8)
    with pytest.raises(ValueError, match="frames of a video come in their order"):
        for time_s in times:
            follow(frame, time_s)


@pytest.mark.parametrize(
    ("picture", "error", "hint"),
    [
        (None, TypeError, "cv2.imread gives None"),
        ([[1, 2]], TypeError, "Pillow"),
        (np.zeros((20, 20), np.uint8), ValueError, r"numpy.dstack\(\[grey\] \* 3\)"),
        (np.zeros((20, 20, 4), np.uint8), ValueError, "transparency"),
        (np.zeros((20, 20, 3), np.float32), ValueError, "astype"),
        (np.zeros((2, 20, 20, 3), np.uint8), ValueError, "one picture at a time"),
        (np.zeros((0, 20, 3), np.uint8), ValueError, "empty"),
    ],
)
def test_what_is_no_picture_is_refused_with_a_hint(landmarker, picture, error, hint):
    with pytest.raises(error, match=hint) as caught:
        landmarker(picture)
    assert "\n" not in str(caught.value)


def test_options_that_there_are_not_are_refused():
    for options in ({"faces": 0}, {"threads": 0}, {"color": "grey"}):
        with pytest.raises(ValueError, match="expected"):
            FaceLandmarker(**options)
    with pytest.raises(UsageError, match="unknown finder"):
        FaceLandmarker(finder="eyes")
    with pytest.raises(ModelFileError, match="no shipped model"):
        FaceLandmarker(model="better")
    assert issubclass(UsageError, LandmarkError)


def test_pose_and_measures_can_be_left_out(rgb):
    (face,) = FaceLandmarker(threads=1, pose=False, measures=False)(rgb)
    assert face.pose is None and face.measures is None


def test_parts_are_the_68_points_once_each(landmarker, rgb):
    assert sorted(i for part in PARTS.values() for i in part) == list(range(68))
    (face,) = landmarker(rgb)
    np.testing.assert_array_equal(face.part("left_eye"), face.points[36:42])
    with pytest.raises(ValueError, match="no part 'ear', expected one of jaw"):
        face.part("ear")
    few = replace(face, scheme=COFW29, points_frame=np.zeros((29, 2), np.float32))
    with pytest.raises(ValueError, match="does not hold the 68"):
        few.part("left_eye")


def test_a_network_that_says_no_presence_is_not_followed_and_the_log_says_so(frames, caplog):
    model = CHECKOUT / "train" / "baselines" / "asmnet-224-int8.tflite"
    landmarker = FaceLandmarker(model=model, threads=1)
    with caplog.at_level(logging.WARNING, logger="edge_landmarks"):
        follow = landmarker.video(smooth=True)
    (record,) = caplog.records
    assert record.name.startswith("edge_landmarks") and "no face is followed" in record.message
    (face,) = follow(frames[0], 0.0)
    assert face.points_smooth is None
