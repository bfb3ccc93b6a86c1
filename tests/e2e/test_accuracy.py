"""The shipped files on real faces, by the command that users type."""

from __future__ import annotations

import json

import pytest

from edge.models import MODELS_DIR
from train.__main__ import main
from train.evaluation.model_table import shipped_names


def _evaluate(model, data, capsys):
    main(["evaluate", str(model), "--data", str(data), "--json"])
    return json.loads(capsys.readouterr().out)


@pytest.fixture(scope="module")
def w300(shared_data):
    folder = shared_data / "300w"
    if not (folder / "helen" / "testset").is_dir():
        pytest.skip(f"no 300W test folders in {folder}")
    return folder


# docs/models.md, rounded up
PROMISED_NME_PERCENT = {"asmpip-80": 3.70, "asmpip-144": 3.20, "asmpip-192": 3.10}


def test_each_shipped_network_has_a_promise():
    assert set(PROMISED_NME_PERCENT) == set(shipped_names())


@pytest.mark.parametrize("name", PROMISED_NME_PERCENT)
def test_the_int8_files_keep_their_promise_on_300w_common(name, w300, capsys):
    figures = {
        suffix: _evaluate(MODELS_DIR / f"{name}-int8{suffix}", w300, capsys)
        for suffix in (".tflite", ".onnx")
    }
    for figure in figures.values():
        assert (figure["n"], figure["subset"]) == (554, "common")
        assert (figure["normaliser"], figure["boxes"]) == ("inter-ocular", "truth")
        assert figure["nme_percent"] <= PROMISED_NME_PERCENT[name]
        assert figure["fr10_percent"] < 0.5
    assert abs(figures[".tflite"]["nme_percent"] - figures[".onnx"]["nme_percent"]) <= 0.01
