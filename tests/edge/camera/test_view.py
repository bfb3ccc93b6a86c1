"""Turned, mirrored, cut; hints that a turned frame has a face."""

from __future__ import annotations

import json

import numpy as np
import pytest

from command_line.command import run_command
from edge.camera.view import Region, View
from edge.run import main
from edge.stream import Frame
from landmarks.errors import UsageError
from landmarks.pictures import read_picture, write_picture

CORNERS = np.array([[1, 2, 3], [4, 5, 6]], np.uint8)  # of a picture 3 wide and 2 high


def _of(view, *, small=None):
    image = np.repeat(CORNERS[..., None], 3, axis=2)
    (frame,) = view(iter([Frame(0, "x", None, image, small=small)]))
    return frame


@pytest.mark.parametrize(
    "view, expected",
    [
        (View(), [[1, 2, 3], [4, 5, 6]]),
        (View(90), [[4, 1], [5, 2], [6, 3]]),
        (View(180), [[6, 5, 4], [3, 2, 1]]),
        (View(270), [[3, 6], [2, 5], [1, 4]]),
        (View(flip=True), [[3, 2, 1], [6, 5, 4]]),
        (View(90, flip=True, roi=Region(1, 1, 1, 2)), [[5], [6]]),
    ],
)
def test_a_picture_is_turned_then_mirrored_then_cut(view, expected):
    image = _of(view).image
    np.testing.assert_array_equal(image[..., 0], expected)
    assert image.flags.c_contiguous


def test_the_small_picture_goes_with_it_but_for_a_part():
    small = np.repeat(CORNERS[..., None], 3, axis=2)
    assert _of(View(180), small=small).small[0, 0, 0] == 6
    assert _of(View(roi=Region(0, 0, 1, 1)), small=small).small is None


def test_a_part_outside_of_the_picture_is_usage():
    with pytest.raises(UsageError, match="reaches beyond a picture of 3 x 2 pixels"):
        _of(View(roi=Region(2, 0, 2, 1)))


@pytest.mark.parametrize("text", ["1,2,3", "a,b,c,d", "-1,0,2,2", "0,0,0,4", ""])
def test_a_part_of_another_form_is_usage(text, capsys):
    with pytest.raises(SystemExit) as stop:
        main(["--source", "x", f"--roi={text}"])
    assert stop.value.code == 2
    assert f"expected X,Y,WIDTH,HEIGHT in whole pixels, such as 0,0,320,240, received {text!r}" in (
        capsys.readouterr().err
    )


def test_faces_of_a_camera_on_its_head_are_found_when_it_is_said(tmp_path, faces_dir, capsys):
    face = read_picture(faces_dir / "face_000.jpg")
    for index in range(25):
        write_picture(tmp_path / f"{index:02d}.jpg", np.ascontiguousarray(face[::-1, ::-1]))
    assert main(["--source", str(tmp_path)]) == 0
    said = capsys.readouterr().err
    assert "0 faces" in said and said.count("try --rotate 180") == 1
    assert main(["--source", str(tmp_path), "--rotate", "180"]) == 0
    said = capsys.readouterr()
    assert "25 faces" in said.err and "hint" not in said.err
    points = np.array(json.loads(said.out.splitlines()[-1])["faces"][0]["points"])
    assert points[8, 1] > points[27, 1], "the chin is below the nose"


def test_nothing_is_said_where_there_is_no_face_at_all(tmp_path, capsys):
    for index in range(25):
        write_picture(tmp_path / f"{index:02d}.png", np.full((90, 120, 3), 90, np.uint8))
    assert run_command(main, ["--source", str(tmp_path)]) == 0
    assert "hint" not in capsys.readouterr().err
