"""Films: their own time stamps, damage, formats of all kinds, infrared."""

from __future__ import annotations

import logging

import cv2
import numpy as np
import pytest

from edge.camera.colour import rgb_of
from edge.camera.files import open_video
from edge.run import main
from landmarks.errors import PictureError
from landmarks.pictures import read_picture
from tests.edge.films import plain_images, with_durations, write_film


def _frames(path):
    with open_video(path) as source:
        return list(source.frames)


def test_a_film_of_a_variable_rate_has_its_own_times(tmp_path):
    film = write_film(tmp_path / "phone.mp4", plain_images(8))
    with_durations(film, [1, 1, 0.5, 0.04, 0.04, 0.04, 2, 0.04])
    times = [frame.time_s for frame in _frames(film)]
    assert times == pytest.approx([0, 1, 2, 2.5, 2.54, 2.58, 2.62, 4.62], abs=0.002)


def test_a_film_without_time_stamps_counts_frames_and_says_so(tmp_path, caplog):
    film = write_film(tmp_path / "x.mjpeg", plain_images(5))
    times = [frame.time_s for frame in _frames(film)]
    assert times == pytest.approx([0, 0.04, 0.08, 0.12, 0.16])
    assert "x.mjpeg: the film has no time stamps" in caplog.text


@pytest.mark.parametrize("suffix", [".ts", ".mpg", ".flv", ".wmv", ".mkv", ".webm", ".3gp", ""])
def test_the_content_says_that_it_is_a_film_and_not_the_suffix(tmp_path, suffix, caplog):
    caplog.set_level(logging.WARNING)
    written = write_film(tmp_path / f"x{suffix or '.mp4'}", plain_images(20))
    film = written.rename(tmp_path / "film.dat")
    frames = _frames(film)
    assert len(frames) == 20
    assert frames[-1].time_s == pytest.approx(19 / 25, abs=0.05)
    assert not caplog.text, "nothing to say of a whole film"


def test_after_a_damaged_block_the_rest_is_read_and_the_loss_is_said(tmp_path, capsys):
    film = write_film(tmp_path / "x.avi", plain_images(100))
    data = bytearray(film.read_bytes())
    starts = [at for at in range(len(data)) if data.startswith(b"\xff\xd8\xff", at)]
    assert len(starts) == 100
    for start in starts[40:44]:
        data[start : start + 300] = bytes(300)
    film.write_bytes(data)
    *frames, last = _frames(film)
    whole = [frame for frame in frames if frame.image is not None]
    assert 90 < len(whole) <= 96 and whole[-1].image.mean() > 200
    assert [frame.index for frame in frames if frame.image is None] == [40]
    assert last.image is None and "of the 100 frames" in last.problem
    assert main(["--source", str(film), "--strict"]) == 3
    assert "2 unreadable" in capsys.readouterr().err


def test_a_shared_damaged_film_is_read_to_its_end(checkout_cases):
    frames = _frames(checkout_cases / "damaged-video" / "damaged.mp4")
    assert len(frames) == 100
    assert sum(frame.image is not None for frame in frames) == 89
    times = [frame.time_s for frame in frames if frame.time_s is not None]
    assert times == sorted(times)


@pytest.mark.parametrize("suffix", [".avi", ".mkv"])
def test_a_film_that_was_cut_off_says_so_in_its_last_frame(tmp_path, suffix, capsys):
    """An AVI counts its frames, a Matroska file says how long it is."""
    film = write_film(tmp_path / f"x{suffix}", plain_images(100, 96, 128))
    data = film.read_bytes()
    film.write_bytes(data[: len(data) // 2])
    *frames, last = _frames(film)
    assert 40 < len(frames) < 60 and all(frame.image is not None for frame in frames)
    assert last.image is None and "was cut off" in last.problem
    assert main(["--source", str(film)]) == 0
    assert main(["--source", str(film), "--strict"]) == 3
    said = capsys.readouterr()
    assert "was cut off" in said.err and '"error"' in said.out


def test_a_film_without_any_whole_frame_is_an_error(tmp_path):
    film = write_film(tmp_path / "x.avi", plain_images(3))
    data = film.read_bytes()
    begin, end = data.index(b"movi") + 4, data.rindex(b"idx1")
    film.write_bytes(data[:begin] + bytes(end - begin) + data[end:])
    with pytest.raises(PictureError, match="no frame that can be decoded"):
        _frames(film)


@pytest.mark.parametrize("text", [b"no film", b"\n".join([b"line of a text"] * 200), b""])
def test_a_text_is_no_film_though_ffmpeg_would_show_its_letters(tmp_path, text):
    path = tmp_path / "x.mp4"
    path.write_bytes(text)
    with pytest.raises(PictureError, match="not a film"):
        _frames(path)


def test_a_name_that_ffmpeg_takes_for_an_address_is_a_file(tmp_path, monkeypatch):
    write_film(tmp_path / "x.mp4", plain_images(3)).rename(tmp_path / "data:x.mp4")
    monkeypatch.chdir(tmp_path)
    assert len(_frames(type(tmp_path)("data:x.mp4"))) == 3


@pytest.mark.parametrize("suffix", [".gif", ".webp", ".avif", ".png"])
def test_a_picture_format_with_several_frames_is_a_film(tmp_path, suffix):
    animation = cv2.Animation()
    images = plain_images(6)
    animation.frames = [cv2.cvtColor(image, cv2.COLOR_RGB2BGRA) for image in images]
    animation.durations = np.array([40, 40, 500, 40, 40, 40])
    path = tmp_path / f"x{suffix}"
    if not cv2.imwriteanimation(str(path), animation):
        pytest.skip(f"this OpenCV writes no {suffix}")
    frames = _frames(path)
    times = [frame.time_s for frame in frames]
    assert times == pytest.approx([0, 0.04, 0.08, 0.58, 0.62, 0.66])
    means = [frame.image.mean() for frame in frames]
    assert means == pytest.approx([image.mean() for image in images], abs=6)


def test_a_long_animation_is_decoded_in_parts(tmp_path, monkeypatch):
    animation = cv2.Animation()
    animation.frames = [cv2.cvtColor(i, cv2.COLOR_RGB2BGRA) for i in plain_images(7)]
    animation.durations = np.full(7, 100)
    path = tmp_path / "x.webp"
    assert cv2.imwriteanimation(str(path), animation)
    monkeypatch.setattr("edge.camera.animation.CHUNK_BYTES", 3 * 48 * 64 * 3)
    assert [frame.index for frame in _frames(path)] == list(range(7))


def test_a_cut_animation_is_refused(tmp_path):
    animation = cv2.Animation()
    animation.frames = [cv2.cvtColor(i, cv2.COLOR_RGB2BGRA) for i in plain_images(7)]
    animation.durations = np.full(7, 100)
    path = tmp_path / "x.gif"
    assert cv2.imwriteanimation(str(path), animation)
    data = path.read_bytes()
    path.write_bytes(data[: len(data) - 200])
    with pytest.raises(PictureError, match="not a whole film"):
        _frames(path)


def test_grey_of_12_bits_in_16_keeps_its_brightness():
    deep = np.linspace(0, 4095, 64 * 48).reshape(48, 64).astype(np.uint16)
    image = rgb_of(deep)
    assert image.shape == (48, 64, 3)
    assert image.max() == 255 and image.mean() == pytest.approx(127, abs=2)


def test_an_infrared_film_of_12_bits_shows_its_face(tmp_path, faces_dir, capsys):
    grey = cv2.cvtColor(read_picture(faces_dir / "face_000.jpg"), cv2.COLOR_RGB2GRAY)
    film = tmp_path / "x.mkv"
    depth = [cv2.VIDEOWRITER_PROP_DEPTH, cv2.CV_16U, cv2.VIDEOWRITER_PROP_IS_COLOR, 0]
    fourcc = cv2.VideoWriter.fourcc(*"FFV1")
    writer = cv2.VideoWriter(str(film), cv2.CAP_FFMPEG, fourcc, 25.0, grey.shape[::-1], depth)
    for _ in range(3):
        writer.write(grey.astype(np.uint16) << 4)
    writer.release()
    (frame, *_) = _frames(film)
    np.testing.assert_array_equal(frame.image[..., 1], grey)
    assert main(["--source", str(film)]) == 0
    assert "3 frames, 3 faces" in capsys.readouterr().err


def test_what_the_camera_of_the_pi_writes_is_read(checkout_cases, caplog):
    frames = _frames(checkout_cases / "raw-h264" / "test.h264")
    assert len(frames) == 50
    assert frames[-1].time_s == pytest.approx(49 / 25)
    assert "no time stamps" in caplog.text
