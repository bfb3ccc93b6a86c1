from __future__ import annotations

import csv
import io
import json

import pytest

from edge.bench.instructions import Instructions, instructions_of, read_instructions
from edge.bench.merge import merge
from edge.bench.render import write_report
from edge.bench.render.markdown import to_markdown
from edge.bench.render.rows import to_csv
from edge.bench.report import SCHEMA_VERSION, Report, read_report
from landmarks.errors import DatasetError, OutputExistsError
from tests.edge.bench.planted import float_and_int8, row, run

COUNTS = Instructions("net-int8.tflite", "0" * 64, "LiteRT", "cortex-a76", 45.1e6, None)


def test_json_holds_the_whole_report(tmp_path):
    report = Report((run(*float_and_int8()),), (COUNTS,))
    (tmp_path / "report.json").write_text(report.to_json())
    assert read_report(tmp_path / "report.json") == report


@pytest.mark.parametrize(
    "text, words",
    [
        ("[]", "not a report"),
        ("half a rep", "not a report"),
        (json.dumps({"schema_version": SCHEMA_VERSION + 1, "runs": []}), "schema 3"),
        (json.dumps({"schema_version": SCHEMA_VERSION, "runs": [{}]}), "damaged report"),
    ],
)
def test_what_is_no_report_of_this_schema_is_refused(tmp_path, text, words):
    path = tmp_path / "report.json"
    path.write_text(text)
    with pytest.raises(DatasetError, match=words):
        read_report(path)


def test_a_missing_report_is_named(tmp_path):
    with pytest.raises(DatasetError, match="no.json"):
        read_report(tmp_path / "no.json")


def test_reports_of_boards_merge_and_a_run_is_in_it_once():
    pi5 = run(row(infer_ms=2.0))
    pi4 = run(row(infer_ms=7.0), board="Raspberry Pi 4", invalid=("throttled during the run",))
    joined = merge([Report((pi5,), (COUNTS,)), Report((pi4,)), Report((pi5,), (COUNTS,))])
    assert joined.runs == (pi5, pi4)
    assert joined.instructions == (COUNTS,)
    text = to_markdown(joined)
    assert "|  | Raspberry Pi 5 | Raspberry Pi 4 (invalid) |" in text
    assert "| net-int8.tflite, 1 thread | 2.00 / 3.00 | 7.00 / 8.00 |" in text


def test_markdown_shows_what_was_measured_and_an_invalid_run_says_so_first():
    text = to_markdown(Report((run(*float_and_int8(), invalid=("throttled during the run",)),)))
    assert text.index("INVALID: throttled") < text.index("Run net-int8.tflite")
    assert "| net-int8.tflite | 1 | 1.00 | 2.00 / 2.00 / 2.00 | 3.00 / 3.00 |" in text
    assert "recall 99.0 %" in text


def test_csv_has_one_line_a_subject_and_the_same_columns_for_all():
    report = Report((run(*float_and_int8()),))
    records = list(csv.DictReader(io.StringIO(to_csv(report))))
    assert [record["name"] for record in records] == [r.facts.name for r in report.runs[0].rows]
    assert float(records[0]["face_infer_p50_ms"]) == 2.0
    assert records[2]["frame_frame_p50_ms"] == ""  # peers have no whole frame


def test_a_report_is_not_overwritten(tmp_path):
    report = Report((run(row()),))
    write_report(report, tmp_path, force=False)
    with pytest.raises(OutputExistsError):
        write_report(report, tmp_path, force=False)
    write_report(report, tmp_path, force=True)


def test_instruction_counts_are_shown_as_such_and_bad_files_are_refused(tmp_path):
    path = tmp_path / "counts.json"
    fields = {"schema_version": 1, "rows": [COUNTS.__dict__]}
    path.write_text(json.dumps(fields))
    assert read_instructions(path) == (COUNTS,)
    assert instructions_of(["1" * 64], path) == ()
    text = to_markdown(Report((run(row()),), instructions_of(["0" * 64], path)))
    assert "### Instructions, not time" in text
    assert "| net-int8.tflite | LiteRT | cortex-a76 | 45.1 M | - |" in text
    path.write_text(json.dumps({"schema_version": 1, "rows": [{"model": "x"}]}))
    with pytest.raises(DatasetError, match="instruction counts"):
        read_instructions(path)
