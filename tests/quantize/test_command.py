from __future__ import annotations

import json
from dataclasses import replace
from typing import get_args

import pytest

from command_line.command import run_command
from edge.models import model_path
from landmarks.errors import UsageError
from landmarks.faces import read_labelled_faces
from landmarks.model_file import read_model
from quantize.__main__ import SHIPPED_FLOAT, chosen, main
from quantize.config import FloatPrecision, Format
from tests.quantize.conftest import save
from train.preparation.prepare import prepare


@pytest.fixture(scope="module")
def some_faces(tmp_path_factory, faces):
    """Few faces to score on: pictures and labels linked into a folder."""
    folder = tmp_path_factory.mktemp("some")
    for face in read_labelled_faces(faces)[:20]:
        for path in (face.picture.path, face.picture.path.with_suffix(".pts")):
            (folder / path.name).symlink_to(path)
    return folder


@pytest.fixture
def command(tiny_file, some_faces, tmp_path):
    out = tmp_path / "out"
    arguments = ["--int8", "--model", tiny_file, "--calib-faces", 16, "--data", some_faces]
    return [str(part) for part in (*arguments, "--out", out)], out


def test_both_files_are_written_with_measured_cards(command, tiny_file, capsys):
    arguments, out = command
    assert run_command(main, arguments) == 0
    table = capsys.readouterr().out
    assert "NME %" in table
    assert f"written: {out / 'tiny-int8.onnx'}" in table
    for suffix in (".tflite", ".onnx"):
        card = read_model(out / f"tiny-int8{suffix}").card
        assert card.precision == "int8"
        assert card.parent_sha256 == read_model(tiny_file).sha256
        assert card.quantization["calibration"]["faces"] == 16
        assert card.quantization["method"] == "post-training: minmax"
        assert [entry["precision"] for entry in card.accuracy] == ["float32", "int8"]
        assert all(entry["n"] == 20 for entry in card.accuracy)
    report = json.loads((out / "tiny-quantize.json").read_text())
    assert [row["name"] for row in report["rows"]] == ["float32", "int8", "int8"]
    assert report["rows"][0]["file"] is None
    assert all(row["latency_ms"]["1"] > 0 for row in report["rows"])
    assert set(report["rows"][1]["lost_by_region"]) >= {"eyes", "mouth"}

    before = {path.name: path.read_bytes() for path in out.iterdir()}
    assert run_command(main, arguments) == 2
    assert "already exists" in capsys.readouterr().err
    assert {path.name: path.read_bytes() for path in out.iterdir()} == before


def test_all_precisions_and_another_estimator(command, capsys):
    arguments, out = command
    precisions = get_args(FloatPrecision)
    also = ["--also", ",".join(precisions), "--formats", "tflite", "--estimator", "mse"]
    assert run_command(main, [*arguments, *also]) == 0
    names = {f"tiny-{p}.tflite" for p in (*precisions, "int8")} | {"tiny-quantize.json"}
    assert {path.name for path in out.iterdir()} == names
    for precision in precisions:
        card = read_model(out / f"tiny-{precision}.tflite").card
        assert card.precision == precision
    method = read_model(out / "tiny-int8.tflite").card.quantization["method"]
    assert method == "post-training: mse"
    assert "float16" in capsys.readouterr().out


def test_quantization_aware_training_reports_its_control(command, faces, tmp_path, capsys):
    arguments, out = command
    some = read_labelled_faces(faces)[:24]
    prepare(some, tmp_path / "p", dataset="bundled", subset="some", scheme="300w-68")
    tuning = ["--qat", "--train", str(tmp_path / "p"), "--epochs", "1", "--batch", "8"]
    assert run_command(main, [*arguments, *tuning]) == 0
    report = json.loads((out / "tiny-quantize.json").read_text())
    names = [(row["name"], row["format"], row["file"]) for row in report["rows"]]
    assert names == [
        ("float32", "tflite", None),
        ("int8 ptq", "tflite", None),
        ("control float32", "tflite", None),
        ("control int8 ptq", "tflite", None),
        ("int8 qat", "tflite", "tiny-int8.tflite"),
        ("int8 qat", "onnx", "tiny-int8.onnx"),
    ]
    method = read_model(out / "tiny-int8.onnx").card.quantization["method"]
    assert method.startswith("quantization-aware training of 1 epochs")


def test_a_loss_beyond_the_limit_writes_nothing_and_one_within_it_is_kept(command, capsys):
    arguments, out = command
    arguments += ["--formats", "tflite"]
    assert run_command(main, arguments) == 0
    report = json.loads((out / "tiny-quantize.json").read_text())
    lost = report["rows"][1]["lost_nme_percent"]
    assert abs(lost) > 0.01
    arguments[arguments.index("--out") + 1] = str(out / "again")
    limited = [f"--max-nme-drop={lost - 0.01}", f"--max-nme-drop={lost + 0.01}"]
    assert run_command(main, [*arguments, limited[0]]) == 1
    assert "nothing was written" in capsys.readouterr().err
    assert not (out / "again").exists()
    assert run_command(main, [*arguments, limited[1]]) == 0


def test_the_audit_goes_into_the_report(command, capsys):
    arguments, out = command
    assert run_command(main, [*arguments, "--audit", "--formats", "tflite"]) == 0
    report = json.loads((out / "tiny-quantize.json").read_text())
    assert len(report["audit"]["steps"]) > 10
    table = capsys.readouterr().out
    assert report["audit"]["steps"][0]["step"] in table
    assert "<- worst" in table


def test_the_shipped_files_come_from_the_shipped_checkpoint():
    parent = read_model(SHIPPED_FLOAT)
    for name in ("asmpip-144-int8.tflite", "asmpip-144-int8.onnx"):
        assert read_model(model_path(name)).card.parent_sha256 == parent.sha256


def test_an_empty_calibration_folder_is_an_error_before_any_work(command, tmp_path, capsys):
    arguments, out = command
    (tmp_path / "empty").mkdir()
    assert run_command(main, [*arguments, "--calib", str(tmp_path / "empty")]) == 3
    assert "no .pts files" in capsys.readouterr().err
    assert not out.exists()


def test_an_int8_file_cannot_be_quantized_again(tmp_path, capsys):
    arguments = ["--int8", "--model", str(model_path("default")), "--out", str(tmp_path / "x")]
    assert run_command(main, arguments) == 3
    assert "expected a float network" in capsys.readouterr().err


def test_faces_that_cannot_be_trained_on_are_an_error_before_any_work(command, faces, capsys):
    arguments, out = command
    assert run_command(main, [*arguments, "--qat", "--train", str(faces)]) == 3
    said = capsys.readouterr().err
    assert "not a prepared folder" in said
    assert "calibrating" not in said
    assert not out.exists()


@pytest.mark.parametrize("length", ["0", "-1", "x"])
def test_a_length_is_a_positive_number(length, capsys):
    with pytest.raises(SystemExit) as ended:
        main(["--int8", "--qat", "--train", "x", "--epochs", length])
    assert ended.value.code == 2
    assert "--epochs" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("extra", "message"),
    [
        (["--formats", "coreml"], "--formats 'coreml': expected one or more of tflite, onnx"),
        (["--also", "int4"], "--also 'int4'"),
        (["--qat"], "--qat needs --train"),
        (["--resume"], "give --qat, too"),
    ],
)
def test_a_wrong_command_line_is_a_usage_error(extra, message, capsys):
    assert run_command(main, ["--int8", *extra]) == 2
    assert message in capsys.readouterr().err


def test_choices_are_parsed():
    formats = get_args(Format)
    assert chosen("onnx, tflite,onnx", formats, "--formats") == ("onnx", "tflite")
    with pytest.raises(UsageError, match="expected one or more of"):
        chosen(" ", formats, "--formats")


def test_coordinates_are_quantized_as_well(tiny_regression, command, tmp_path):
    arguments, out = command
    path = save(
        replace(tiny_regression, card=replace(tiny_regression.card, name="coords")),
        tmp_path / "coords.keras",
    )
    arguments[arguments.index("--model") + 1] = str(path)
    assert run_command(main, arguments) == 0
    assert sorted(read_model(out / "coords-int8.onnx").card.outputs) == ["points", "pose"]
