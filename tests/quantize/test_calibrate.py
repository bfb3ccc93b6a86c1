from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from edge.models import model_path
from landmarks.errors import QuantizationError
from landmarks.faces import LabelledFace, PictureFile, read_labelled_faces
from landmarks.model_file import read_model
from landmarks.pictures import write_picture
from quantize.calibrate import MIN_FACES, calibration_set

FACES = Path(__file__).resolve().parents[2] / "calib_data" / "faces"


@pytest.fixture(scope="module")
def card():
    return read_model(model_path("default")).card


def test_the_same_faces_give_the_same_digest(card):
    faces = read_labelled_faces(FACES)[:MIN_FACES]
    first, second = calibration_set(faces, card), calibration_set(faces, card)
    assert first.crops.shape == (MIN_FACES, 128, 128, 3)
    assert first.sha256 == second.sha256
    assert first.sha256 != calibration_set(faces[::-1], card).sha256


def test_too_few_faces_are_refused(card):
    with pytest.raises(QuantizationError, match="1 calibration faces"):
        calibration_set(read_labelled_faces(FACES)[:1], card)


@pytest.mark.parametrize("value", [0, 128, 255])
def test_blank_pictures_are_refused_with_their_range(tmp_path, card, value):
    path = tmp_path / "blank.png"
    write_picture(path, np.full((200, 200, 3), value, np.uint8))
    points = read_labelled_faces(FACES)[0].points_frame
    with pytest.raises(QuantizationError, match=f"blank.*{value}"):
        calibration_set([LabelledFace(PictureFile(path), points)] * MIN_FACES, card)
