import threading

import cv2
import numpy as np
import pytest

from landmarks.errors import PictureError
from train.datasets import video
from train.datasets.video import KEPT_FRAMES, OPEN_VIDEOS, VideoFrame, VideoReader


@pytest.fixture(scope="module")
def make_video(tmp_path_factory):
    """Write a video whose frame i is grey of the level 5 i."""

    def make(name, frames):
        path = tmp_path_factory.mktemp("video") / name
        writer = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*"MJPG"), 25, (64, 48))
        for i in range(frames):
            writer.write(np.full((48, 64, 3), 5 * i, np.uint8))
        writer.release()
        return path

    return make


@pytest.fixture(scope="module")
def film(make_video):
    return make_video("vid.avi", 40)


@pytest.fixture
def opened(monkeypatch):
    """Count how often a video is opened."""
    count = []
    original = video._open_video
    monkeypatch.setattr(video, "_open_video", lambda path: count.append(path) or original(path))
    return count


def level(frame):
    return round(float(frame.mean()) / 5)


def test_frames_are_those_asked_for_in_any_order(film):
    reader = VideoReader()
    order = [0, 1, 2, 7, 5, 6, 30, 3, 39, 38, 0]
    assert [level(reader.read(film, i)) for i in order] == order
    assert reader.read(film, 3).shape == (48, 64, 3)


def test_reading_in_about_the_order_decodes_once(film, opened):
    reader = VideoReader()
    order = [1, 0, 3, 2, 4, 8, 7, 6, 5, 9, 20, 18, 19]
    assert [level(reader.read(film, i)) for i in order] == order
    assert len(opened) == 1


def test_going_back_decodes_again(film, opened):
    reader = VideoReader()
    reader.read(film, KEPT_FRAMES + 5)
    assert level(reader.read(film, 1)) == 1
    assert len(opened) == 2


def test_few_videos_and_frames_are_held(make_video):
    reader = VideoReader()
    for name in "abcd":
        path = make_video(f"{name}.avi", 12)
        for i in (3, 11):
            reader.read(path, i)
    assert len(reader._open) == OPEN_VIDEOS
    assert all(len(held.kept) <= KEPT_FRAMES for held in reader._open.values())


def test_threads_get_their_own_frames(film):
    reader, seen = VideoReader(), {}

    def work(part):
        for i in range(part, 40, 3):
            seen[i] = level(reader.read(film, i))

    threads = [threading.Thread(target=work, args=(part,)) for part in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == {i: i for i in range(40)}


def test_a_frame_has_the_name_of_its_label_file(film):
    frame = VideoFrame(film, 9, "001", VideoReader())
    assert frame.name == "001#000010"
    assert str(frame).endswith("vid.avi: frame 10")
    assert level(frame.read()) == 9


def test_missing_broken_and_short_videos_are_named(film, tmp_path):
    with pytest.raises(PictureError, match=r"ends after 40 frames, expected frame 51"):
        VideoReader().read(film, 50)
    with pytest.raises(PictureError, match="no such video"):
        VideoReader().read(tmp_path / "nothing.avi", 0)
    (tmp_path / "text.avi").write_text("hello")
    with pytest.raises(PictureError, match="not a video"):
        VideoReader().read(tmp_path / "text.avi", 0)
