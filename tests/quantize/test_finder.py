from __future__ import annotations

import json
from dataclasses import replace

import keras
import numpy as np
import pytest

from command_line.command import run_command
from edge.finder.own import open_own_finder
from edge.runtime.delegation import delegation_of
from landmarks.card import CentreHead
from landmarks.model_file import read_model
from quantize.__main__ import main
from tests.quantize.conftest import Tiny, card_of, randomise, save
from train.models.finder import build_finder
from train.settings.network import FinderSize


@pytest.fixture(scope="module")
def finder_file(tmp_path_factory):
    keras.utils.set_random_seed(3)
    model = build_finder(64, FinderSize(4, (8, 8, 8), (1, 1, 1)))
    randomise(model)
    card = replace(
        card_of(CentreHead(8, 0.5), tuple(model.output)),
        scheme="",
        input_size=64,
        crop_scale=1.0,
    )
    return save(Tiny(model, card), tmp_path_factory.mktemp("finder") / "model.keras")


@pytest.fixture(scope="module")
def written(finder_file, faces, tmp_path_factory):
    out = tmp_path_factory.mktemp("int8")
    arguments = ["--int8", "--model", finder_file, "--calib-faces", 16, "--data", faces]
    assert run_command(main, [str(part) for part in (*arguments, "--out", out)]) == 0
    return out


def test_the_figures_are_there_for_a_program(written):
    report = json.loads((written / "tiny-quantize.json").read_text())
    assert [row["name"] for row in report["rows"]] == ["float32", "int8", "int8"]
    assert [row["path"] for row in report["rows"]] == [
        None,
        "tiny-int8.tflite",
        "tiny-int8.onnx",
    ]
    assert all(0 <= row["score"]["recall"] <= 1 for row in report["rows"])


def test_both_files_answer_alike_and_say_what_they_score(written, rng):
    frame = rng.integers(0, 256, (96, 128, 3), np.uint8)
    answers = []
    for suffix in (".tflite", ".onnx"):
        path = written / f"tiny-int8{suffix}"
        card = read_model(path).card
        assert [entry["precision"] for entry in card.accuracy] == ["float32", "int8"]
        assert all(entry["faces"] == 160 for entry in card.accuracy)
        assert card.quantization["calibration"]["frames"] == 16
        answers.append(open_own_finder(path, threads=1).network.infer(frame[:64, :64]))
    for name in ("score", "offset", "side"):
        one, other = (answer[name].real() for answer in answers)
        np.testing.assert_allclose(one, other, atol=6 * answers[0][name].scale)


def test_no_operation_is_left_outside_the_delegate(written):
    delegation = delegation_of(read_model(written / "tiny-int8.tflite").graph)
    assert delegation.left_out == ()
    assert delegation.partitions == 1


def test_what_is_for_landmarks_alone_is_refused(finder_file, tmp_path, capsys):
    arguments = ["--int8", "--model", str(finder_file), "--audit", "--out", str(tmp_path / "out")]
    assert run_command(main, arguments) == 2
    assert "not finders" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
