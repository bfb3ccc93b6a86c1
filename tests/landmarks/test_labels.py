"""Labels of strangers against their picture: the one check, and that everything asks it."""

from __future__ import annotations

import struct
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.runtime import open_network
from landmarks.errors import DatasetError
from landmarks.exif import orientation_of
from landmarks.faces import LabelledFace, PictureFile, read_labelled_face, read_labelled_faces
from landmarks.labels import check_labels
from landmarks.locate import Localizer
from landmarks.measure import score
from landmarks.pictures import read_picture, write_picture
from landmarks.pts import write_pts

WIDTH, HEIGHT = 200, 150


@pytest.fixture
def face(tmp_path, face68):
    """A face of 100 px in the middle of a picture."""
    write_picture(tmp_path / "a.png", np.full((HEIGHT, WIDTH, 3), 90, np.uint8))
    write_pts(tmp_path / "a.pts", face68 * 100 + (50, 20))
    return read_labelled_face(tmp_path / "a.pts")


def checked(face, changes=()):
    points = face.points_frame.copy()
    for index, point in changes:
        points[index] = point
    check_labels(replace(face, points_frame=points), face.picture.read())


def test_good_labels_pass_even_where_a_face_is_cut_off(face):
    checked(face)
    points = face.points_frame - (80, 0)  # the left cheek lies outside
    assert points.min() < 0
    check_labels(replace(face, points_frame=points.astype(np.float32)), face.picture.read())


def test_bundled_faces_pass():
    for labelled in read_labelled_faces(Path(__file__).parents[2] / "calib_data" / "faces")[:20]:
        check_labels(labelled, labelled.picture.read())


@pytest.mark.parametrize("value", [-1.0, -2.0])
def test_a_point_that_nobody_saw_is_no_point(face, value):
    with pytest.raises(DatasetError, match=r"a\.pts:8: point 5 of .*a\.png is what lists write"):
        checked(face, [(4, value)])


@pytest.mark.parametrize("point", [(99999, 99999), (-80, -60), (70, 4000), (-1e9, 3), (1e30, 1)])
def test_a_point_far_from_the_face_is_named_with_its_line(face, point):
    with pytest.raises(DatasetError, match=r"a\.pts:71: point 68 .* lies nowhere near the face"):
        checked(face, [(67, point)])


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_a_coordinate_that_is_no_number_is_named(face, value):
    with pytest.raises(DatasetError, match=r"a\.pts:4: point 1 .* is not finite"):
        checked(face, [(0, (value, 3))])


def test_negated_coordinates_are_no_place(face):
    with pytest.raises(DatasetError, match="lies nowhere near the face"):
        checked(face, [(i, -face.points_frame[i]) for i in range(10, 14)])


def test_labels_of_another_picture_are_refused(face):
    with pytest.raises(DatasetError):
        check_labels(face, np.zeros((40, 40, 3), np.uint8))


def with_orientation(picture: np.ndarray, orientation: int, order: str = "<") -> bytes:
    """A JPEG as a phone writes it: pixels as the sensor had them, and how it was held."""
    jpeg = cv2.imencode(".jpg", picture)[1].tobytes()
    mark = b"II*\0" if order == "<" else b"MM\0*"
    entry = struct.pack(f"{order}HHIHH", 0x0112, 3, 1, orientation, 0)
    tiff = mark + struct.pack(f"{order}IH", 8, 1) + entry + bytes(4)
    body = b"Exif\0\0" + tiff
    return jpeg[:2] + b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body + jpeg[2:]


# From a point of the upright picture (w x h) to one of the picture as the sensor had it.
SENSOR = {
    1: lambda x, y, w, h: (x, y),
    3: lambda x, y, w, h: (w - 1 - x, h - 1 - y),
    6: lambda x, y, w, h: (y, w - 1 - x),
    8: lambda x, y, w, h: (h - 1 - y, x),
}


@pytest.mark.parametrize("orientation", SENSOR)
@pytest.mark.parametrize("order", ["<", ">"])
def test_labels_of_the_unturned_picture_of_a_phone_are_refused(
    tmp_path, face68, orientation, order
):
    upright = np.full((300, 300, 3), 90, np.uint8)
    data = with_orientation(upright, orientation, order)
    assert orientation_of(data) == orientation
    (tmp_path / "a.jpg").write_bytes(data)
    points = face68 * 150 + 70
    labelled = LabelledFace(PictureFile(tmp_path / "a.jpg"), points, listed="a.pts")
    picture = read_picture(tmp_path / "a.jpg")
    check_labels(labelled, picture)
    unturned = np.stack(SENSOR[orientation](*points.T, 300, 300), axis=1).astype(np.float32)
    if orientation == 1:
        return
    with pytest.raises(DatasetError, match=rf"a\.pts: .* orientation {orientation}\): turn the"):
        check_labels(replace(labelled, points_frame=unturned), picture)


@given(st.binary(max_size=60))
def test_any_exif_has_an_orientation(rest):
    assert 1 <= orientation_of(b"\xff\xd8\xff\xe1\0\x30Exif\0\0II*\0" + rest) <= 8
    assert 1 <= orientation_of(b"\xff\xd8" + rest) <= 8


def test_what_is_measured_is_checked(face):
    bad = replace(face, points_frame=np.vstack([[[-2, -2]], face.points_frame[1:]]))
    network = Localizer.of(open_network("asmpip-80", threads=1))
    with pytest.raises(DatasetError, match=r"a\.pts:4: point 1 "):
        score(network, [bad])


def test_a_picture_is_found_however_its_suffix_is_written(tmp_path, face68):
    picture = np.zeros((20, 20, 3), np.uint8)
    for suffix in (".JPG", ".Jpeg", ".png"):
        write_picture(tmp_path / f"a{suffix}", picture, force=True)
        write_pts(tmp_path / "a.PTS", face68 * 10, force=True)
        (labelled,) = read_labelled_faces(tmp_path)
        assert labelled.picture.name == f"a{suffix}"
        (tmp_path / f"a{suffix}").unlink()


def test_labels_named_after_the_whole_picture_are_read_and_what_macos_leaves_is_not(
    tmp_path, face68
):
    write_picture(tmp_path / "a.jpg", np.zeros((20, 20, 3), np.uint8))
    write_pts(tmp_path / "a.jpg.pts", face68 * 10)
    (tmp_path / "._a.jpg.pts").write_bytes(b"\0\5\x16\7")
    assert [labelled.picture.name for labelled in read_labelled_faces(tmp_path)] == ["a.jpg"]
