from __future__ import annotations

import os
import struct
import subprocess
import sys

import cv2
import numpy as np
import pytest

from landmarks.picture_size import claimed_size

WIDTH, HEIGHT = 300, 70


@pytest.fixture(scope="module")
def picture():
    return np.random.default_rng(3).integers(0, 256, (HEIGHT, WIDTH, 3), np.uint8)


def encode(suffix, picture, *options):
    done, data = cv2.imencode(suffix, picture, list(options))
    assert done
    return data.tobytes()


@pytest.mark.parametrize(
    ("suffix", "options"),
    [
        (".jpg", ()),
        (".jpg", (cv2.IMWRITE_JPEG_PROGRESSIVE, 1)),
        (".png", ()),
        (".bmp", ()),
        (".webp", (cv2.IMWRITE_WEBP_QUALITY, 80)),
        (".webp", (cv2.IMWRITE_WEBP_QUALITY, 101)),  # without loss: another kind of file
        (".tif", ()),
        (".gif", ()),
        (".avif", ()),
        (".jp2", ()),
        (".ppm", ()),
        (".ppm", (cv2.IMWRITE_PXM_BINARY, 0)),
    ],
)
def test_the_size_is_read_from_what_opencv_writes(picture, suffix, options):
    assert claimed_size(encode(suffix, picture, *options)) == (WIDTH, HEIGHT)


def test_webp_with_alpha_and_grey_pnm_have_their_size(picture):
    alpha = np.dstack([picture, picture[..., 0]])
    assert claimed_size(encode(".webp", alpha, cv2.IMWRITE_WEBP_QUALITY, 80)) == (WIDTH, HEIGHT)
    assert claimed_size(encode(".pgm", picture[..., 0])) == (WIDTH, HEIGHT)
    assert claimed_size(b"P5 # made by hand\n300 # wide\n70\n255\n") == (WIDTH, HEIGHT)


def test_tiff_of_the_other_byte_order_and_bmp_from_the_top_down():
    entries = struct.pack(">HHIHH", 256, 3, 1, WIDTH, 0) + struct.pack(">HHII", 257, 4, 1, HEIGHT)
    assert claimed_size(b"MM\0*" + struct.pack(">IH", 8, 2) + entries) == (WIDTH, HEIGHT)
    bmp = b"BM" + bytes(12) + struct.pack("<Iii", 40, WIDTH, -HEIGHT)
    assert claimed_size(bmp) == (WIDTH, HEIGHT)


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".bmp", ".webp", ".tif", ".ppm"])
def test_a_file_that_ends_anywhere_or_is_no_picture_breaks_nothing(picture, suffix):
    data = encode(suffix, picture)
    for kept in range(64):
        claimed_size(data[:kept])
    assert claimed_size(b"hello") is None
    assert claimed_size(b"") is None


def test_importing_changes_neither_the_environment_nor_the_limit_of_opencv():
    """A picture of 81 million pixels is the user's own to read."""
    script = """
import os
before = dict(os.environ)
import landmarks.pictures, edge.pipeline, edge.run
changed = {key for key, _ in os.environ.items() ^ before.items()}
assert changed <= {"LD_LIBRARY_PATH"}, changed  # which OpenCV's own loader sets
import cv2, numpy as np
data = cv2.imencode(".png", np.zeros((9000, 9000), np.uint8))[1]
print(cv2.imdecode(data, cv2.IMREAD_GRAYSCALE).shape)
"""
    environment = {key: v for key, v in os.environ.items() if "OPENCV" not in key}
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, env=environment
    )
    assert done.stdout.strip() == "(9000, 9000)", done.stderr
