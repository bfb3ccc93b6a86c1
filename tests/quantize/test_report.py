from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from edge.runtime.delegation import Delegation
from landmarks.faces import LabelledFace
from landmarks.score import FaceError, Score
from quantize.report import LandmarkReport
from quantize.row import Row


def row(name, nme_percent, size, ms, eyes_percent=1.0, spread_percent=0.0, **rest):
    class Nowhere:
        name = "nowhere"

    face = LabelledFace(Nowhere(), np.zeros((68, 2), np.float32))
    regions = {"eyes": eyes_percent / 100, "mouth": 0.02}
    found = tuple(
        FaceError(face, face.points_frame, (nme_percent + sign * spread_percent) / 100, regions)
        for sign in (-1, 1)
    )
    score = Score(found, (), "300w-68", "inter-ocular", "original")
    given = {"delegation": Delegation(4, 1, ()), "path": None, "format": "tflite", **rest}
    return Row(name, name.split()[0], bytes=size, score=score, latency_ms={1: ms}, **given)


@pytest.fixture
def report():
    rows = (
        row("float32", 3.0, 4_000_000, 6.0),
        row("int8", 3.25, 1_000_000, 3.0, eyes_percent=1.5, path=Path("out/a-int8.tflite")),
        row("int8", 3.0, 1_100_000, 8.0, format="onnx", delegation=None, path=Path("a.onnx")),
    )
    return LandmarkReport(rows, "some faces")


def test_loss_is_counted_against_the_float_network(report):
    int8 = report.rows[1]
    assert report.lost(int8) == pytest.approx(0.25)
    assert report.lost_by_region(int8) == pytest.approx({"eyes": 0.5, "mouth": 0.0})
    plain = report.to_dict()["rows"][1]
    assert (plain["lost_nme_percent"], plain["file"]) == (0.25, "a-int8.tflite")
    assert plain["delegation"]["operations"] == 4


def test_the_error_of_a_difference_is_that_of_faces_compared_one_by_one():
    rows = tuple(
        row(name, 3.0 + more, 1_000_000, 3.0, spread_percent=2.0 + apart)
        for name, more, apart in (
            ("float32", 0.0, 0.0),
            ("control int8 ptq", 0.2, 0.0),
            ("int8 qat", 0.1, 0.3),
        )
    )
    report = LandmarkReport(rows, "some faces")
    assert report.uncertainty(rows[1], rows[0]) == pytest.approx(0, abs=1e-9)
    assert report.uncertainty(rows[2], rows[0]) == pytest.approx(0.3)  # of -0.3 and 0.3
    assert "int8 qat against its control: -0.100 ±0.300 NME points" in report.render()


def test_the_table_says_it_in_words(report):
    text = report.render()
    assert text.startswith("2 faces of some faces")
    assert "int8: +0.250 ±0.000 NME points, 4.0x smaller, 2.00x the speed of float32" in text
    assert "4 of 4 operations delegated" in text
    assert text.count("x the speed") == 1, (
        "the derived file has a row, the verdict is the original's"
    )
    assert text.endswith("written: out/a-int8.tflite\nwritten: a.onnx")
