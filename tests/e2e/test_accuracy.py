"""The shipped files on real faces, by the command that users type."""

from __future__ import annotations

import json

import pytest

from edge.models import MODELS_DIR
from train.__main__ import main


def _evaluate(model, data, capsys):
    main(["evaluate", str(model), "--data", str(data), "--json"])
    return json.loads(capsys.readouterr().out)


@pytest.fixture(scope="module")
def w300(shared_data):
    folder = shared_data / "300w"
    if not (folder / "helen" / "testset").is_dir():
        pytest.skip(f"no 300W test folders in {folder}")
    return folder


def test_the_int8_files_keep_their_promise_on_300w_common(w300, capsys):
    figures = {
        suffix: _evaluate(MODELS_DIR / f"asmpip-144-int8{suffix}", w300, capsys)
        for suffix in (".tflite", ".onnx")
    }
    for figure in figures.values():
        assert (figure["n"], figure["subset"]) == (554, "common")
        assert (figure["normaliser"], figure["boxes"]) == ("inter-ocular", "truth")
        assert figure["nme_percent"] <= 3.60
    assert abs(figures[".tflite"]["nme_percent"] - figures[".onnx"]["nme_percent"]) <= 0.03
