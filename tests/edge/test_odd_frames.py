"""Frames of every size and kind through the real pipeline: points, an empty tuple or an error."""

from __future__ import annotations

import struct
import subprocess
import sys
import zlib

import numpy as np
import pytest

from edge.finder import Detection
from edge.finder.haar import HaarFinder
from edge.finder.own import open_own_finder
from edge.pipeline import Pipeline
from edge.run import main
from landmarks.boxes import face_box


@pytest.fixture
def pipeline(localizer):
    return Pipeline(HaarFinder(), localizer)


@pytest.mark.parametrize(
    "height, width", [(1, 1), (1, 500), (500, 1), (50, 20000), (6000, 8000)], ids=str
)
def test_pictures_of_one_pixel_panoramas_and_large_ones_have_no_face(pipeline, height, width):
    faces, _ = pipeline.process(np.zeros((height, width, 3), np.uint8))
    assert faces == ()


def test_a_face_in_a_very_large_picture_is_found_where_it_is(pipeline, clip):
    images, truth = clip
    large = np.repeat(np.repeat(images[0], 8, axis=0), 8, axis=1)  # 2880 x 3840
    ((face,), _) = pipeline.process(large)
    expected = truth[0] * 8 + 3.5
    assert np.abs(face.points_frame - expected).mean() < 0.06 * np.ptp(expected[:, 0])


def _cut(clip, left, top, right, bottom):
    """The first frame of the clip without some shares of its face, and the points in it."""
    images, truth = clip
    box = face_box(truth[0])
    height, width = images[0].shape[:2]
    x0 = int(box.x0 + left * box.width) if left else 0
    y0 = int(box.y0 + top * box.width) if top else 0
    x1 = int(box.x1 - right * box.width) if right else width
    y1 = int(box.y1 - bottom * box.width) if bottom else height
    return np.ascontiguousarray(images[0][y0:y1, x0:x1]), truth[0] - [x0, y0]


@pytest.mark.parametrize(
    "cut",
    [(0.3, 0, 0, 0), (0, 0.15, 0, 0), (0, 0, 0.3, 0), (0, 0, 0, 0.4), (0.15, 0, 0, 0.15)],
    ids=["left", "top", "right", "bottom", "corner"],
)
def test_a_face_that_leaves_the_frame_is_found_and_what_is_left_of_it_is_where_it_is(
    localizer, clip, cut
):
    frame, truth = _cut(clip, *cut)
    ((face,), _) = Pipeline(open_own_finder(), localizer).process(frame)
    seen = ((truth >= 0) & (truth < frame.shape[1::-1])).all(axis=1)
    assert 30 < seen.sum() < 68
    error = np.linalg.norm(face.points_frame - truth, axis=1)[seen].mean()
    assert error < 0.05 * face_box(truth).width


def test_a_face_larger_than_the_frame_is_read_from_what_there_is(localizer, clip):
    frame, truth = _cut(clip, 0.08, 0.08, 0.08, 0.08)
    box = face_box(truth)
    assert box.x0 < 0 and box.y0 < 0 and box.x1 > frame.shape[1] and box.y1 > frame.shape[0]

    class Knowing:
        def find(self, _):
            return (Detection(box, 1.0),)

    ((face,), _) = Pipeline(Knowing(), localizer).process(frame)
    assert np.linalg.norm(face.points_frame - truth, axis=1).mean() < 0.06 * box.width


@pytest.mark.parametrize(
    "frame",
    [
        np.full((48, 64, 3), np.nan, np.float32),
        np.full((48, 64, 3), np.inf, np.float64),
        np.zeros((48, 64, 3), np.float32),
        np.zeros((48, 64), np.uint8),
        np.zeros((48, 64, 4), np.uint8),
        np.zeros((48, 64, 3), np.uint16),
        np.zeros((48, 64, 3), bool),
        np.zeros((0, 64, 3), np.uint8),
    ],
    ids=lambda frame: f"{frame.dtype}-{frame.shape}",
)
def test_a_frame_that_is_no_rgb_uint8_is_refused_at_the_door(pipeline, frame):
    """NaN, infinity, grey, transparency and depth: an error, never clipped in silence."""
    with pytest.raises(ValueError, match="RGB uint8"):
        pipeline.process(frame)


@pytest.mark.parametrize(
    "view", [lambda a: a[::-1][::-1], lambda a: a[..., ::-1][..., ::-1], np.asfortranarray]
)
def test_views_and_odd_strides_give_the_same_points(localizer, clip, view):
    images, _ = clip
    plain, viewed = (
        Pipeline(HaarFinder(), localizer).process(image)[0][0].points_frame
        for image in (images[0], view(images[0]))
    )
    np.testing.assert_array_equal(plain, viewed)


def _png_bomb(side):
    """A PNG of side x side zeros, which is small on disk."""

    def chunk(kind, data):
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    rows = zlib.compressobj(1)
    line = bytes(side * 3 + 1)
    packed = b"".join(rows.compress(line) for _ in range(side)) + rows.flush()
    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    parts = chunk(b"IHDR", header) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + parts


def test_a_small_file_that_claims_a_huge_picture_is_refused(tmp_path):
    bomb = tmp_path / "bomb.png"
    bomb.write_bytes(_png_bomb(9000))
    assert bomb.stat().st_size < 2_000_000
    run = [sys.executable, "-m", "edge.run", "--source", str(bomb)]
    done = subprocess.run(run, capture_output=True, text=True)
    assert done.returncode == 3
    assert "bomb.png" in done.stderr and "Traceback" not in done.stderr


def test_text_empty_and_truncated_files_of_a_folder_are_passed_over_and_counted(
    tmp_path, faces_dir, capsys
):
    whole = (faces_dir / "face_000.jpg").read_bytes()
    (tmp_path / "a.jpg").write_bytes(whole)
    (tmp_path / "b.jpg").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "c.jpg").write_bytes(b"")
    (tmp_path / "d.png").write_text("no picture")
    assert main(["--source", str(tmp_path)]) == 0
    said = capsys.readouterr()
    assert len(said.out.splitlines()) == 4
    assert "1 frames, 1 faces" in said.err and "3 unreadable" in said.err
    for name in ("b.jpg", "c.jpg", "d.png"):
        assert f"{name}:" in said.err
    assert main(["--source", str(tmp_path), "--strict"]) == 3
