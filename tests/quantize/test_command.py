from __future__ import annotations

import pytest

from edge.models import model_path
from landmarks.command import run_command
from landmarks.errors import OutputExistsError, UsageError
from landmarks.model_file import read_model
from quantize.__main__ import SHIPPED_FLOAT, main
from quantize.pipeline import check_formats


def test_both_files_are_written_with_scored_cards(tiny_file, tmp_path, capsys):
    arguments = ["--int8", "--model", str(tiny_file), "--calib-faces", "16"]
    arguments += ["--out", str(tmp_path)]
    assert main(arguments) == 0
    table = capsys.readouterr().out
    assert table.count("int8") == 2 + table.count("tiny-64-int8")
    for suffix in (".tflite", ".onnx"):
        card = read_model(tmp_path / f"tiny-64-int8{suffix}").card
        assert card.precision == "int8"
        assert card.parent_sha256 == read_model(tiny_file).sha256
        assert card.quantization["calibration"]["faces"] == 16
        assert [entry["precision"] for entry in card.accuracy] == ["float32", "int8"]
        assert all(entry["n"] == 160 for entry in card.accuracy)
    with pytest.raises(OutputExistsError):
        main(arguments)


def test_the_shipped_files_come_from_the_shipped_checkpoint():
    parent = read_model(SHIPPED_FLOAT)
    for name in ("asmpip-128-int8.tflite", "asmpip-128-int8.onnx"):
        assert read_model(model_path(name)).card.parent_sha256 == parent.sha256


def test_an_empty_calibration_folder_is_an_error_before_any_work(tiny_file, tmp_path, capsys):
    code = run_command(
        main, ["--int8", "--model", str(tiny_file), "--calib", str(tmp_path), "--out", "x"]
    )
    assert code == 3
    assert "no .pts files" in capsys.readouterr().err


def test_an_int8_file_cannot_be_quantized_again(tmp_path, capsys):
    code = run_command(main, ["--int8", "--model", str(model_path("default")), "--out", "x"])
    assert code == 3
    assert "expected a float network" in capsys.readouterr().err


def test_formats_are_checked():
    assert check_formats("onnx, tflite") == ("onnx", "tflite")
    for text in ("", "coreml"):
        with pytest.raises(UsageError, match="expected tflite or onnx"):
            check_formats(text)
