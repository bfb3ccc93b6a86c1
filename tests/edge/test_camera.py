from __future__ import annotations

import os
import sys
import time
import types
from itertools import islice

import cv2
import numpy as np
import pytest

from edge.camera import CameraRequest, sensor_time_ns
from edge.camera.choose import is_camera, open_camera, open_source, open_stream
from edge.camera.devices import video_devices
from edge.camera.files import open_folder, open_video
from edge.camera.picamera import open_picamera, to_rgb
from edge.camera.v4l2 import open_v4l2
from landmarks.errors import CameraError, CameraTimeout, PictureError
from landmarks.pictures import write_picture

ASK = CameraRequest(width=640, height=480, fps=30)


def _red(height=20, width=32):
    image = np.zeros((height, width, 3), np.uint8)
    image[..., 0] = 200
    return image


def test_a_video_gives_rgb_frames_with_their_time(clip_path):
    with open_video(clip_path) as source:
        frames = list(islice(source.frames, 3))
    assert [frame.index for frame in frames] == [0, 1, 2]
    assert frames[2].time_s == pytest.approx(2 / 25)
    assert frames[0].image.shape == (360, 480, 3)


def test_a_folder_reports_a_bad_picture_and_goes_on(tmp_path):
    write_picture(tmp_path / "a.png", _red())
    (tmp_path / "b.jpg").write_text("no picture")
    write_picture(tmp_path / "c.png", _red())
    with open_source(str(tmp_path), ASK) as source:
        frames = list(source.frames)
    assert [frame.image is None for frame in frames] == [False, True, False]
    assert "b.jpg" in frames[1].problem
    np.testing.assert_array_equal(frames[0].image, _red())


def test_a_folder_takes_pictures_by_content_and_says_what_it_passes_over(
    tmp_path, caplog, clip_path
):
    write_picture(tmp_path / "a.png", _red())
    (tmp_path / "a.png").rename(tmp_path / "a")
    (tmp_path / "b.mp4").symlink_to(clip_path)
    (tmp_path / "c.txt").write_text("notes")
    os.mkfifo(tmp_path / "d")
    (tmp_path / "e").mkdir()
    (tmp_path / "f.jpg").symlink_to(tmp_path / "f.jpg")
    os.mkfifo(tmp_path / "g.jpg")
    (tmp_path / "._a.png").write_bytes(b"\0\5\x16\7")
    with open_folder(tmp_path) as source:
        frames = list(source.frames)
    assert [(frame.name, frame.image is None) for frame in frames] == [
        ("a", False),
        ("f.jpg", True),
        ("g.jpg", True),
    ]
    assert "symbolic links" in frames[1].problem and "is a pipe" in frames[2].problem
    assert "3 files (.mp4 1, .txt 1, without a suffix 1) of other kinds were" in caplog.text


def test_a_single_bad_picture_is_an_error(tmp_path):
    path = tmp_path / "x.jpg"
    path.write_text("no picture")
    with open_source(str(path), ASK) as source, pytest.raises(PictureError, match=r"x\.jpg"):
        list(source.frames)


@pytest.mark.parametrize("name", ["missing.jpg", "missing", "missing.mp4"])
def test_a_missing_path_is_named(tmp_path, name):
    with pytest.raises(PictureError, match=name):
        open_source(str(tmp_path / name), ASK)


def test_an_empty_folder_and_a_text_video_are_errors(tmp_path):
    (tmp_path / "notes.txt").write_text("no picture")
    with (
        open_folder(tmp_path) as source,
        pytest.raises(
            PictureError, match=r"no pictures in this folder, 1 files \(.txt 1\) of other"
        ),
    ):
        list(source.frames)
    video = tmp_path / "x.mp4"
    video.write_text("no video")
    with pytest.raises(PictureError, match="not a video"):
        open_video(video).__enter__()


@pytest.mark.skipif(bool(video_devices()), reason="this machine has a camera")
def test_no_camera_is_one_line_that_says_what_was_looked_for(monkeypatch):
    monkeypatch.setitem(sys.modules, "picamera2", None)
    with pytest.raises(CameraError, match="picamera2 is not installed.*video.*cable"):
        open_camera(ASK).__enter__()
    with pytest.raises(CameraError, match="/dev/video7"):
        open_source("7", ASK).__enter__()


# libcamera names formats by their bytes in a little-endian word: "RGB888" is B, G, R in memory.
@pytest.mark.parametrize(
    "pixel_format, pixel",
    [
        ("BGR888", (200, 10, 0)),
        ("RGB888", (0, 10, 200)),
        ("XBGR8888", (200, 10, 0, 255)),
        ("XRGB8888", (0, 10, 200, 255)),
    ],
)
def test_packed_formats_become_rgb_without_the_padding(pixel_format, pixel):
    buffer = np.zeros((20, 64, len(pixel)), np.uint8)
    buffer[:, :32] = pixel
    image = to_rgb(buffer, pixel_format, (32, 20))
    assert image.shape == (20, 32, 3)
    assert image.flags.c_contiguous
    np.testing.assert_array_equal(image, np.broadcast_to([200, 10, 0], image.shape))


@pytest.mark.parametrize("pixel_format", ["YUV420", "NV12"])
def test_planar_formats_become_rgb(pixel_format):
    planar = cv2.cvtColor(_red(), cv2.COLOR_RGB2YUV_I420)
    if pixel_format == "NV12":
        luma, chroma = planar[:20], planar[20:].reshape(2, -1)
        planar = np.vstack([luma, chroma.T.reshape(10, 32)])
    image = to_rgb(planar, pixel_format, (32, 20))
    assert np.abs(image.astype(int) - _red()).max() <= 4


def test_an_unknown_format_is_named():
    with pytest.raises(CameraError, match="SRGGB10"):
        to_rgb(np.zeros((4, 4), np.uint8), "SRGGB10", (4, 4))


class _Request:
    def __init__(self, log, index, first_ns):
        self._log, self._index, self._first_ns = log, index, first_ns

    def make_array(self, stream):
        if stream == "lores":
            return np.full((15, 16), 128, np.uint8)  # 8 x 10, rows padded to 16 bytes
        return np.full((20, 32, 3), self._index, np.uint8)

    def get_metadata(self):
        return {"SensorTimestamp": self._first_ns + self._index * 40_000_000}

    def release(self):
        self._log.append("release")


def _fake_picamera2(log, frames=2, behind_s=1):
    first_ns = time.monotonic_ns() - behind_s * 1_000_000_000

    class Picamera2:
        """The calls of picamera2 that the source makes; hardware is absent here."""

        def __init__(self, index):
            self._left = frames

        @staticmethod
        def global_camera_info():
            return [{"Model": "imx708"}]

        def create_video_configuration(self, **kwargs):
            log.append(kwargs["main"]["format"])
            self._lores = kwargs["lores"]
            return kwargs

        def configure(self, configuration):
            pass

        def camera_configuration(self):
            granted = {"main": {"format": "BGR888", "size": (32, 20)}, "lores": None}
            if self._lores:  # not the size that was asked for
                granted["lores"] = {"format": "YUV420", "size": (8, 10)}
            return granted

        def start(self):
            log.append("start")

        def capture_request(self, wait):
            if self._left == 0:
                raise TimeoutError
            self._left -= 1
            return _Request(log, frames - 1 - self._left, first_ns)

        def stop(self):
            log.append("stop")

        def close(self):
            log.append("close")

    return types.SimpleNamespace(Picamera2=Picamera2)


def test_picamera_frames_carry_the_sensor_time_and_a_stall_is_noticed(monkeypatch):
    log = []
    monkeypatch.setitem(sys.modules, "picamera2", _fake_picamera2(log))
    frames = []
    with (
        pytest.raises(CameraTimeout, match="imx708"),
        open_camera(ASK) as source,
    ):
        frames.extend(source.frames)
        raise AssertionError("the stall was not noticed")
    assert len(frames) == 2
    assert log == ["BGR888", "start", "release", "release", "close"]


def test_picamera_times_count_from_the_first_frame(monkeypatch):
    monkeypatch.setitem(sys.modules, "picamera2", _fake_picamera2([]))
    with open_picamera(0, ASK) as source:
        frames = list(islice(source.frames, 2))
    assert [frame.time_s for frame in frames] == [0.0, pytest.approx(0.04)]
    assert frames[1].sensor_ns - frames[0].sensor_ns == 40_000_000
    assert frames[1].image.shape == (20, 32, 3)
    assert frames[1].small is None


def test_a_time_stamp_of_another_clock_gives_way_to_the_time_of_arrival(monkeypatch):
    monkeypatch.setitem(sys.modules, "picamera2", _fake_picamera2([], behind_s=3600))
    before_ns = time.monotonic_ns()
    with open_picamera(0, ASK) as source:
        frame = next(source.frames)
    assert before_ns <= frame.sensor_ns <= time.monotonic_ns()
    assert sensor_time_ns(before_ns + 1, before_ns) == before_ns, "a frame of the future"


def test_large_pictures_come_with_a_small_one_in_the_size_that_was_granted(monkeypatch):
    monkeypatch.setitem(sys.modules, "picamera2", _fake_picamera2([]))
    with open_picamera(0, CameraRequest(1280, 720, 30)) as source:
        frame = next(source.frames)
    assert frame.image.shape == (20, 32, 3)
    assert frame.small.shape == (10, 8, 3)


def test_a_pi_camera_that_is_not_there_is_an_error(monkeypatch):
    monkeypatch.setitem(sys.modules, "picamera2", _fake_picamera2([]))
    with pytest.raises(CameraError, match="no Raspberry Pi camera 3"):
        open_picamera(3, ASK).__enter__()


class FakeCapture:
    """The calls of cv2.VideoCapture that the V4L2 source makes; hardware is absent here."""

    def __init__(self, frames, *, opens=True, stamp_ms=None):
        self.frames, self.opens, self.stamp_ms = list(frames), opens, stamp_ms
        self.asked, self.released = {}, False

    def __call__(self, device, backend):
        return self

    def isOpened(self):
        return self.opens

    def set(self, name, value):
        self.asked[name] = value

    def get(self, name):
        if name == cv2.CAP_PROP_POS_MSEC:
            return self.stamp_ms if self.stamp_ms is not None else time.monotonic() * 1e3 - 20
        return 15.0

    def read(self):
        return (True, self.frames.pop(0)) if self.frames else (False, None)

    def release(self):
        self.released = True


@pytest.fixture
def webcam(tmp_path, monkeypatch):
    """A /dev/video7 with a planted capture behind it."""
    device = tmp_path / "video7"
    device.touch()

    def plug(*frames, **options):
        capture = FakeCapture(frames, **options)
        monkeypatch.setattr(cv2, "VideoCapture", capture)
        return str(device), capture

    return plug


def test_a_webcam_gives_rgb_in_the_size_that_it_likes_with_the_time_of_the_driver(webcam):
    blue_green_red = np.dstack([_red()[..., 2], _red()[..., 1], _red()[..., 0]])
    device, capture = webcam(blue_green_red, blue_green_red)
    with open_v4l2(device, ASK) as source:
        assert source.fps == 15.0, "not what was asked for"
        frame = next(source.frames)
    np.testing.assert_array_equal(frame.image, _red())
    assert 20e6 <= time.monotonic_ns() - frame.sensor_ns < 60e9
    assert capture.asked[cv2.CAP_PROP_BUFFERSIZE] == 1
    assert capture.released


def test_a_webcam_that_stops_is_a_timeout_and_is_released(webcam):
    device, capture = webcam(_red())
    with pytest.raises(CameraTimeout, match="after 1"), open_v4l2(device, ASK) as source:
        list(source.frames)
    assert capture.released


def test_a_webcam_that_another_program_has_is_an_error_that_names_the_program(webcam, monkeypatch):
    """Two processes on one camera: the second gets exit code 4 and a hint."""
    monkeypatch.setattr("edge.camera.devices.holders", lambda path: ("motion (pid 812)",))
    device, _ = webcam(opens=False)
    with pytest.raises(CameraError, match=r"motion \(pid 812\)") as raised:
        open_v4l2(device, ASK).__enter__()
    assert raised.value.exit_code == 4


def test_a_webcam_without_permission_is_an_error_with_the_advice_of_the_group(webcam, monkeypatch):
    monkeypatch.setattr("os.access", lambda path, mode: False)
    device, _ = webcam(opens=False)
    with pytest.raises(CameraError, match="group|usermod -aG video"):
        open_v4l2(device, ASK).__enter__()


@pytest.mark.parametrize(
    "source, camera",
    [("0", True), ("/dev/video2", True), ("csi", True), ("csi:1", True), ("csi:x", False)]
    + [("me.jpg", False), ("csi.mp4", False)],
)
def test_cameras_are_told_from_files(source, camera):
    assert is_camera(source) is camera


def test_files_are_never_dropped_and_give_no_events(clip_path):
    with open_stream(str(clip_path), ASK) as stream:
        taken = list(islice(stream.items, 5))
    assert not stream.live
    assert [(item.frame.index, item.dropped) for item in taken] == [(i, 0) for i in range(5)]
