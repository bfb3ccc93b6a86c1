from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from calib_data import FACES_DIR
from command_line.command import run_command
from landmarks.boxes import face_box
from landmarks.faces import read_labelled_faces
from train.__main__ import main
from train.evaluation.conditions import CONDITIONS, SMALL_PX, TURN_DEG, under


@pytest.fixture(scope="module")
def faces():
    return read_labelled_faces(FACES_DIR)[:3]


def one(condition, face):
    (changed,) = under(condition, [face])
    return changed.picture.read(), changed.points_frame


@pytest.mark.parametrize("condition", CONDITIONS)
def test_a_condition_is_the_same_every_time_and_leaves_the_face_alone(condition, faces):
    before = faces[0].picture.read()
    image, points = one(condition, faces[0])
    again, _ = one(condition, faces[0])
    np.testing.assert_array_equal(image, again)
    np.testing.assert_array_equal(faces[0].picture.read(), before)
    assert image.dtype == np.uint8
    assert points.dtype == np.float32
    assert image.shape != before.shape or (image != before).any()


def test_a_small_face_has_the_stated_side_and_its_labels_with_it(faces):
    image, points = one("small", faces[0])
    assert face_box(points).width == pytest.approx(SMALL_PX, rel=0.02)
    before = faces[0].picture.read()
    assert image.shape[0] / before.shape[0] == pytest.approx(
        SMALL_PX / face_box(faces[0].points_frame).width, rel=0.02
    )


def test_a_face_that_is_small_already_is_not_enlarged(faces):
    small, points = one("small", faces[0])
    again, points_again = one("small", replace(faces[0], points_frame=points / 2))
    assert again.shape == faces[0].picture.read().shape
    np.testing.assert_allclose(points_again, points / 2, atol=1e-5)


def test_turned_labels_lie_on_the_turned_picture(faces):
    """A picture that is bright at one landmark is bright at the turned one."""
    face = faces[0]
    x, y = face.points_frame[30].round().astype(int)
    image = np.zeros_like(face.picture.read())
    image[y - 3 : y + 4, x - 3 : x + 4] = 255

    class Spot:
        name = face.picture.name

        def read(self):
            return image

    spot = replace(face, picture=Spot(), points_frame=face.points_frame)
    turned, points = one("turned 45", spot)
    x, y = points[30].round().astype(int)
    assert turned[y, x].min() > 200
    eyes = [pair[45] - pair[36] for pair in (face.points_frame, points)]
    angles = np.degrees([np.arctan2(y, x) for x, y in eyes])
    assert abs(angles[1] - angles[0]) == pytest.approx(TURN_DEG, abs=0.1)


def test_faces_are_turned_to_both_sides():
    faces = read_labelled_faces(FACES_DIR)[:12]
    sides = set()
    for face, turned in zip(faces, under("turned 45", faces), strict=True):
        eyes = [pair[45] - pair[36] for pair in (face.points_frame, turned.points_frame)]
        sides.add(np.sign(eyes[0][0] * eyes[1][1] - eyes[0][1] * eyes[1][0]))
    assert len(sides) == 2


def test_a_quarter_of_the_face_box_is_covered(faces):
    before = faces[1].picture.read()
    after, _ = one("covered", faces[1])
    share = (before != after).any(axis=2).sum() / face_box(faces[1].points_frame).area
    assert share == pytest.approx(0.25, abs=0.03)


def test_evaluate_says_what_each_condition_costs(folder_of, capsys, faces):
    command = ["evaluate", "default", "--data", str(folder_of(faces)), "--by-condition"]
    assert run_command(main, [*command, "--json"]) == 0
    figures = json.loads(capsys.readouterr().out)
    conditions = figures["conditions"]
    assert list(conditions) == ["as it is", *CONDITIONS]
    assert conditions["as it is"]["nme_percent"] == figures["nme_percent"]
    assert conditions["small"]["nme_percent"] > figures["nme_percent"]
    assert run_command(main, command) == 0
    text = capsys.readouterr().out
    assert "turned 45" in text
    assert "conditions" not in text
