"""``edge-bench`` from its arguments to its files, on bundled faces and with short rules."""

from __future__ import annotations

import json
import re
import shutil

import pytest

from edge.bench.choice import ModelChoice, shipped_choices
from edge.bench.cold import cold_start
from edge.bench.command import main
from edge.bench.report import read_report
from edge.bench.rules import Rules
from edge.models import MODELS_DIR, model_path, shipped_models
from landmarks.errors import ModelFileError, OutputExistsError, PictureError, UsageError
from landmarks.pictures import read_picture

FINDERS = ("finder-224-int8.tflite", "finder-224-int8.onnx")
SHORT = Rules(warm_up_runs=1, warm_up_s=0.0, samples=4, sample_s=0.0, repeats=2)


@pytest.fixture(scope="module")
def few_faces(faces_dir, tmp_path_factory):
    folder = tmp_path_factory.mktemp("faces")
    for number in range(12):
        for suffix in (".jpg", ".pts"):
            shutil.copy(faces_dir / f"face_{number:03d}{suffix}", folder)
    return folder


@pytest.fixture
def quickly(monkeypatch):
    monkeypatch.setattr("edge.bench.config.QUICK", SHORT)


def bench(*arguments):
    return main([*map(str, arguments), "--quick"])


def test_the_shipped_files_are_measured_as_edge_run_runs_them(tmp_path, few_faces, quickly, capsys):
    assert bench("--data", few_faces, "--threads", 1, 2, "--out", tmp_path) == 0
    assert capsys.readouterr().out.startswith("Run asmpip-")
    (run,) = read_report(tmp_path / "report.json").runs
    assert run.rows[0].facts.name == model_path("default").name
    assert {row.facts.threads for row in run.rows} == {1, 2}
    for row in run.rows:
        assert row.face["infer"].n == SHORT.samples * SHORT.repeats
        assert row.face["face"].p50_ms > row.face["infer"].p50_ms > 0
        assert len(row.repeats_p50_ms["face"]) == SHORT.repeats
        assert row.accuracy.figures["n"] == 12
    for row in (row for row in run.rows if row.facts.kind == "model"):
        assert row.frame["frame"].p50_ms > row.frame["infer"].p50_ms > 0
        assert len(row.accuracy.errors_percent) == 12
        assert 2.0 < row.accuracy.figures["nme_percent"] < 4.5
    finders = [row for row in run.rows if row.facts.kind == "detector"]
    assert [row.facts.name for row in finders[::2]] == list(FINDERS)
    for row in finders:
        assert row.frame == {}
        assert row.accuracy.figures["recall_percent"] == 100.0
    delegated = {row.facts.name: row.delegation for row in run.rows if row.delegation}
    shipped = [path.name for path in shipped_models() if path.suffix == ".tflite"]
    assert delegated.keys() == {*shipped, FINDERS[0]}
    assert all(
        re.fullmatch(r"(\d+) of \1 operations delegated", said) for said in delegated.values()
    )
    assert len(run.worst) == 10
    errors = [face.nme_percent for face in run.worst]
    assert errors == sorted(errors, reverse=True)
    assert all(face.jpeg_base64 for face in run.worst)
    assert run.data.synthetic is False
    for name in ("report.md", "report.csv", "report.html"):
        assert (tmp_path / name).stat().st_size > 500


def test_pictures_can_be_left_out_and_reports_merge(tmp_path, few_faces, quickly):
    one = tmp_path / "one"
    arguments = ("--models", "asmpip-144", "--data", few_faces, "--no-pictures")
    assert bench(*arguments, "--out", one) == 0
    assert "data:image" not in (one / "report.html").read_text()
    report = one / "report.json"
    fields = json.loads(report.read_text())
    fields["runs"][0]["board"]["board"] = "Raspberry Pi 4"
    other = tmp_path / "other.json"
    other.write_text(json.dumps(fields))
    assert main(["merge", str(report), str(other), "--out", str(tmp_path / "both")]) == 0
    assert len(read_report(tmp_path / "both" / "report.json").runs) == 2


def test_without_onnx_runtime_the_shipped_tflite_files_are_measured(monkeypatch):
    assert {choice.path.suffix for choice in shipped_choices()[0]} == {".tflite", ".onnx"}
    monkeypatch.setattr("edge.bench.choice.find_spec", lambda name: None)
    choices, reasons = shipped_choices()
    names = [path.name for path in shipped_models()]
    kept = [choice.name for choice in choices]
    assert kept[0] == "asmpip-144-int8.tflite"
    assert sorted(kept[:-1]) == [name for name in names if name.endswith(".tflite")]
    assert kept[-1] == FINDERS[0]
    left_out = (*(name for name in names if name.endswith(".onnx")), FINDERS[1])
    assert reasons == tuple(
        f"{name} is left out: pip install 'edge-landmarks[onnx]'" for name in left_out
    )


def test_a_fresh_process_tells_its_start_and_its_memory():
    start = cold_start(ModelChoice(model_path("default")), threads=1)
    assert start is not None
    assert start.load_ms > 0
    assert start.first_ms > 0
    assert start.peak_rss_mb is None or 30 < start.peak_rss_mb < 500


def test_a_process_that_cannot_start_is_no_figure(tmp_path):
    assert cold_start(ModelChoice(tmp_path / "none.tflite"), threads=1) is None


def test_a_contact_sheet_shows_each_subject_and_measures_nothing(tmp_path, few_faces):
    path = tmp_path / "sheet.png"
    assert bench("--data", few_faces, "--contact-sheet", path) == 0
    height, width, _ = read_picture(path).shape
    assert width == 8 * 180
    assert height > 2 * 180


def test_mistakes_are_said_before_anything_is_measured(tmp_path, few_faces):
    (tmp_path / "report.md").write_text("old")
    with pytest.raises(OutputExistsError):
        bench("--data", few_faces, "--out", tmp_path)
    shutil.copy(MODELS_DIR / "asmpip-144-int8.tflite", tmp_path)
    twice = ("--models", "asmpip-144", tmp_path / "asmpip-144-int8.tflite")
    with pytest.raises(UsageError, match="more than once: asmpip-144-int8.tflite"):
        bench(*twice, "--data", few_faces, "--out", tmp_path / "new")
    with pytest.raises(ModelFileError, match="no such file"):
        bench("--models", "nonsense", "--out", tmp_path / "new")
    with pytest.raises(UsageError, match="no such peer"):
        bench("--peer", "nonsense", "--out", tmp_path / "new")
    with pytest.raises(PictureError, match="none.mp4"):
        bench("--clip", tmp_path / "none.mp4", "--data", few_faces, "--out", tmp_path / "new")
    with pytest.raises(SystemExit):
        bench("--threads", 0, "--out", tmp_path / "new")
