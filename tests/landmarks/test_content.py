import os
import struct

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from landmarks.content import Content, content_of, content_of_bytes, passed_over
from landmarks.errors import PictureError
from landmarks.pictures import read_picture


@pytest.fixture(scope="module")
def image():
    return np.random.default_rng(0).integers(0, 256, (64, 96, 3), np.uint8)


@pytest.mark.parametrize(
    ("suffix", "form"),
    [
        (".jpg", "JPEG"),
        (".png", "PNG"),
        (".bmp", "BMP"),
        (".tif", "TIFF"),
        (".ppm", "PNM"),
        (".webp", "WebP"),
        (".gif", "GIF"),
        (".jp2", "JPEG 2000"),
        (".avif", "AVIF"),
    ],
)
def test_a_still_picture_of_every_kind_that_opencv_writes_is_one(tmp_path, image, suffix, form):
    path = tmp_path / "film.mp4"  # the name counts for nothing
    path.write_bytes(cv2.imencode(suffix, image)[1].tobytes())
    assert content_of(path) == Content("picture", form)
    assert read_picture(path).shape == image.shape


@pytest.mark.parametrize(
    ("suffix", "form"), [(".webp", "WebP"), (".gif", "GIF"), (".avif", "AVIF"), (".png", "PNG")]
)
def test_a_picture_with_several_frames_is_a_film(tmp_path, image, suffix, form):
    path = str(tmp_path / f"moving{suffix}")
    animation = cv2.Animation()
    animation.frames = [
        np.dstack([np.roll(image, i, 1), np.full_like(image[..., :1], 255)]) for i in range(3)
    ]
    animation.durations = np.array([100, 100, 100])
    assert cv2.imwriteanimation(path, animation)
    assert content_of(path) == Content("film", form)
    with pytest.raises(PictureError, match=rf"several frames \({form}\), so it is a film"):
        read_picture(path)


def test_jpegs_in_a_row_are_a_film_and_a_phone_s_picture_with_more_behind_it_is_none(image):
    jpeg = cv2.imencode(".jpg", image)[1].tobytes()
    assert content_of_bytes(jpeg * 3) == Content("film", "JPEG")
    several = b"\xff\xe2" + struct.pack(">H", 10) + b"MPF\0" + bytes(4)
    assert content_of_bytes(jpeg[:2] + several + jpeg[2:] + jpeg) == Content("picture", "JPEG")


@pytest.mark.parametrize(
    ("head", "form"),
    [
        (b"\0\0\0\x18ftypisom\0\0\0\0isomavc1", "MP4"),
        (b"\0\0\0\x14ftypqt  \0\0\0\0qt  ", "MP4"),
        (b"\x1a\x45\xdf\xa3\x01\0\0\0", "Matroska"),
        (b"RIFF\0\0\0\0AVI LIST", "AVI"),
        ((b"G" + bytes(187)) * 4, "MPEG-TS"),
        ((bytes(4) + b"G" + bytes(187)) * 4, "MPEG-TS"),
        (b"\0\0\0\1\x67\x42\xc0\x1e", "H.264"),
        (b"\0\0\1\x09\x10\0\0\1\x67", "H.264"),
        (b"\0\0\0\1\x40\1\x0c", "H.265"),
        (b"\0\0\1\xba\x44", "MPEG"),
        (b"\0\0\1\xb3\x14", "MPEG"),
        (b"FLV\1\5", "FLV"),
        (b"OggS\0\2", "Ogg"),
        (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11\xa6\xd9", "ASF"),
    ],
)
def test_films_are_known_without_a_name(head, form):
    assert content_of_bytes(head) == Content("film", form)


@pytest.mark.parametrize("data", [b"", b"text", bytes(500), b"PK\x03\x04", b"%PDF-1.7", b"P", b"G"])
def test_what_is_neither_picture_nor_film_is_unknown(data):
    assert content_of_bytes(data) == Content("unknown")


def test_what_is_no_file_is_told_without_opening_it(tmp_path):
    os.mkfifo(tmp_path / "pipe.jpg")
    (tmp_path / "zero.jpg").symlink_to("/dev/zero")
    kinds = [content_of(p).kind for p in (tmp_path, tmp_path / "pipe.jpg", tmp_path / "zero.jpg")]
    assert kinds == ["folder", "pipe", "device"]
    assert content_of(tmp_path / "none").kind == "missing"
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    with pytest.raises(PictureError, match="symbolic links"):
        content_of(tmp_path / "loop")


MARKS = st.sampled_from(
    [
        b"\xff\xd8\xff",
        b"GIF89a",
        b"RIFF\0\0\0\0WEBPVP8X",
        b"\0\0\0\x20ftypavif",
        b"\x89PNG\r\n\x1a\n",
    ]
)


@given(MARKS, st.binary(max_size=200))
def test_any_bytes_have_an_answer(mark, rest):
    assert content_of_bytes(mark + rest).kind in ("picture", "film", "unknown")


def test_files_that_are_passed_over_are_counted_by_suffix(tmp_path):
    names = [tmp_path / name for name in ("a.mp4", "b.MP4", "c.txt", "d")]
    assert passed_over(names) == "4 files (.mp4 2, .txt 1, without a suffix 1)"
