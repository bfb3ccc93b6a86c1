from __future__ import annotations

import json

import pytest

from edge.bench import Latency, measure, render
from edge.bench import main as bench
from edge.board import describe_board
from edge.doctor import main as doctor
from edge.models import MODELS_DIR
from landmarks.errors import OutputExistsError


def test_the_doctor_finds_this_machine_fit(capsys):
    assert doctor([]) == 0
    text = capsys.readouterr().out
    assert "asmpip-128-int8.tflite" in text
    assert doctor(["--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert {finding["state"] for finding in report["findings"] if finding["needed"]} == {"ok"}


def test_the_board_says_what_it_does_not_know():
    board = describe_board()
    assert board["cores"] >= 1
    assert "numpy" in board["versions"]


def test_percentiles_do_not_depend_on_the_order_of_samples():
    samples = [float(i) for i in range(1, 102)]
    assert Latency.of(samples) == Latency.of(samples[::-1])
    assert Latency.of(samples).p50_ms == 51.0
    assert (Latency.of(samples).min_ms, Latency.of(samples).max_ms) == (1.0, 101.0)


def test_models_do_not_share_samples(tmp_path, monkeypatch, faces_dir):
    planted = {"asmpip-128-int8.tflite": 1.0, "asmpip-128-int8.onnx": 100.0}
    monkeypatch.setattr("edge.bench.WARM_UP_S", 0.0)
    monkeypatch.setattr("edge.bench.QUICK_S", 0.0)

    def time_once(localizer, image, box):
        value = planted[names[id(localizer.network)]]
        return value, 2 * value

    names = {}
    from edge import bench as module

    real_open = module.open_network

    def open_network(path, threads):
        network = real_open(path, threads=threads)
        names[id(network)] = path.name
        return network

    monkeypatch.setattr(module, "open_network", open_network)
    monkeypatch.setattr(module, "_time_once", time_once)
    monkeypatch.setattr(module, "read_labelled_faces", lambda folder: FACES(folder)[:4])
    from landmarks.faces import read_labelled_faces as FACES

    report = measure([MODELS_DIR / name for name in planted], faces_dir, threads=1, quick=True)
    for row in report["models"]:
        value = planted[row["model"]]
        assert row["network"]["min_ms"] == row["network"]["max_ms"] == value
        assert row["crop_infer_decode"]["p50_ms"] == 2 * value
        assert row["network"]["n"] >= 50
    assert "| asmpip-128-int8.onnx | 1 |" in render(report)


def test_a_model_is_known_by_its_name(tmp_path, faces_dir, monkeypatch, capsys):
    for name, value in {"WARM_UP_S": 0.0, "QUICK_S": 0.0, "QUICK_SAMPLES": 5}.items():
        monkeypatch.setattr(f"edge.bench.{name}", value)
    out = tmp_path / "report"
    arguments = ["--models", "asmpip-128", "--data", str(faces_dir), "--quick", "--out", str(out)]
    assert bench(arguments) == 0
    (row,) = json.loads((out / "report.json").read_text())["models"]
    assert row["model"] == "asmpip-128-int8.tflite"
    assert row["accuracy"]["n"] == 160


def test_a_report_is_not_overwritten(tmp_path, faces_dir):
    (tmp_path / "report.json").write_text("old")
    with pytest.raises(OutputExistsError):
        bench(["--data", str(faces_dir), "--out", str(tmp_path)])
