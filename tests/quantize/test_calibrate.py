from __future__ import annotations

import cv2
import numpy as np
import pytest

from edge.models import model_path
from landmarks.errors import DatasetError, QuantizationError
from landmarks.faces import read_labelled_faces
from landmarks.model_file import read_model
from landmarks.pictures import write_picture
from landmarks.pts import write_pts
from quantize.calibrate import MIN_FACES, TURNS_DEG, observe, read_calibration
from quantize.networks.fold import fold
from quantize.networks.steps import steps_of
from train.preparation.prepare import prepare


@pytest.fixture(scope="module")
def card():
    return read_model(model_path("default")).card


def blank_faces(folder, value, count):
    points = read_labelled_faces_of_one()
    for i in range(count):
        write_picture(folder / f"blank-{i:02}.png", np.full((192, 192, 3), value, np.uint8))
        write_pts(folder / f"blank-{i:02}.pts", points)


def read_labelled_faces_of_one():
    from tests.quantize.conftest import FACES

    return read_labelled_faces(FACES)[0].points_frame


def test_the_same_faces_give_the_same_digest(card, faces):
    first, second = (read_calibration(faces, card, MIN_FACES) for _ in range(2))
    assert (first.faces, first.crops.shape) == (MIN_FACES, (2 * MIN_FACES, 144, 144, 3))
    assert first.sha256 == second.sha256
    assert first.sha256 != read_calibration(faces, card, MIN_FACES + 1).sha256
    assert first.warnings == ()


def test_each_face_is_shown_once_more_and_turned(card, faces):
    crops = read_calibration(faces, card, MIN_FACES).crops
    upright, turned = np.split(crops, 2)
    middle = (143 / 2, 143 / 2)
    for i in range(2 * len(TURNS_DEG)):
        back = cv2.getRotationMatrix2D(middle, -TURNS_DEG[i % len(TURNS_DEG)], 1.0)
        circle = cv2.circle(np.zeros((144, 144), np.uint8), (72, 72), 50, 1, -1) > 0
        difference = cv2.warpAffine(turned[i], back, (144, 144)).astype(int) - upright[i]
        assert np.abs(difference[circle]).mean() < 4
        assert np.abs(turned[i].astype(int) - upright[i])[circle].mean() > 12


def test_prepared_faces_are_cut_the_same_way(card, faces, tmp_path):
    prepare(
        read_labelled_faces(faces)[:MIN_FACES],
        tmp_path / "p",
        dataset="a",
        subset="all",
        scheme="300w-68",
    )
    prepared = read_calibration(tmp_path / "p", card, MIN_FACES).crops[:MIN_FACES].astype(int)
    direct = read_calibration(faces, card, 160).crops[:MIN_FACES].astype(int)
    # cut twice instead of once: as sharp, nowhere shifted
    assert np.abs(prepared - direct).mean() < 4


def test_too_few_faces_are_refused(card, faces, tmp_path):
    with pytest.raises(QuantizationError, match=f"1 calibration faces, at least {MIN_FACES}"):
        read_calibration(faces, card, 1)
    with pytest.raises(DatasetError, match="no .pts files"):
        read_calibration(tmp_path, card)


def test_labels_that_do_not_fit_their_picture_are_refused(card, faces, tmp_path):
    for face in read_labelled_faces(faces)[:MIN_FACES]:
        write_picture(tmp_path / f"{face.picture.path.stem}.png", face.picture.read())
        points = np.vstack([[[-1, -1]], face.points_frame[1:]])
        write_pts(tmp_path / f"{face.picture.path.stem}.pts", points)
    with pytest.raises(DatasetError, match=r"\.pts:4: point 1 .* nobody saw"):
        read_calibration(tmp_path, card, MIN_FACES)


@pytest.mark.parametrize("value", [0, 128, 255])
def test_blank_pictures_are_refused_with_their_range(tmp_path, card, value):
    blank_faces(tmp_path, value, MIN_FACES)
    with pytest.raises(QuantizationError, match=f"blank.*brightness {value} to {value}"):
        read_calibration(tmp_path, card)


def test_some_blank_pictures_and_small_faces_are_warned_of(tmp_path, card, faces):
    for face in read_labelled_faces(faces)[:MIN_FACES]:
        small = face.picture.read()[::4, ::4]
        write_picture(tmp_path / face.picture.name, small)
        write_pts(tmp_path / face.picture.path.with_suffix(".pts").name, face.points_frame / 4)
    blank_faces(tmp_path, 90, 2)
    blank, small = read_calibration(tmp_path, card).warnings
    assert "2 of 18 calibration pictures are blank" in blank
    assert "smaller than" in small


def test_what_a_step_holds_is_counted(tiny, calibration):
    folded = fold(tiny.model)
    steps = steps_of(folded)
    seen = observe(folded, steps, calibration)
    assert set(seen) == {step.output for step in steps}
    score = folded.predict(calibration.crops, verbose=0)["score"]
    histogram = seen["score"]
    assert histogram.counts.sum() == score.size
    assert histogram.low == pytest.approx(score.min(), rel=1e-4)
    assert histogram.high == pytest.approx(score.max(), rel=1e-4)
    mean = histogram.centres @ histogram.counts / histogram.counts.sum()
    assert mean == pytest.approx(score.mean(), abs=float(np.ptp(score)) / 2048)
