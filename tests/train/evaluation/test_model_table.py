from __future__ import annotations

import json

import pytest

from calib_data import FACES_DIR
from command_line.command import run_command
from edge.bench.instructions import instructions_of
from edge.models import model_path, shipped_models
from landmarks.faces import read_labelled_faces
from landmarks.model_file import read_model
from train.__main__ import main
from train.baselines import baseline_names
from train.evaluation.evaluate import score_on
from train.evaluation.model_table import CPU, files_of, model_table, shipped_names
from train.models.any_network import open_any

N = 4


@pytest.fixture(scope="module")
def faces():
    return read_labelled_faces(FACES_DIR)[:N]


@pytest.fixture(scope="module")
def step(faces):
    (row,) = model_table(["asmpip-144"], faces, faces[:2])
    return row


def test_each_shipped_network_is_a_step_and_has_its_float_checkpoint():
    names = shipped_names()
    assert {read_model(path).card.name for path in shipped_models()} == set(names)
    assert all(files_of(name).float_network.suffix == ".keras" for name in names)


def test_published_networks_are_here_to_compare_with():
    assert baseline_names() == ["asmnet-224", "pipnet-mnv2-256"]
    for name in baseline_names():
        files = files_of(name)
        card = read_model(files.int8).card
        assert (card.architecture, card.precision) == (name.rsplit("-", 1)[0], "int8")
        assert read_model(files.float_network).card.precision == "float16"
        assert read_model(files.int8.with_suffix(".onnx")).card.parent_sha256 == card.parent_sha256
        (counted,) = (
            row
            for row in instructions_of({read_model(files.int8).sha256}, files.counts)
            if row.cpu == CPU
        )
        assert counted.per_inference > 1e7


def test_a_baseline_is_measured_as_a_shipped_network_is(faces):
    (row,) = model_table(["asmnet-224"], faces, None)
    assert row.bytes == files_of("asmnet-224").int8.stat().st_size
    assert (
        row.int8_nme_percent == score_on(open_any(files_of("asmnet-224").int8), faces).nme_percent
    )
    assert row.float_nme_percent == pytest.approx(row.int8_nme_percent, abs=1)
    assert row.instructions_a76 is not None


def test_figures_are_those_of_the_committed_files(step, faces):
    path = model_path("asmpip-144")
    assert step.bytes == path.stat().st_size
    assert step.parameters == 691_852
    assert step.int8_nme_percent == score_on(open_any(path), faces).nme_percent
    assert step.other_nme_percent == score_on(open_any(path), faces[:2]).nme_percent
    for other in (step.float_nme_percent, step.onnx_nme_percent):
        assert other == pytest.approx(step.int8_nme_percent, abs=0.2)
    # the float checkpoint is not the INT8 file; ONNX and TFLite may answer alike on four faces
    assert step.float_nme_percent != step.int8_nme_percent
    assert step.found_nme_percent != step.int8_nme_percent
    assert step.missed == 0
    assert 0.5 < step.pose_mae_deg < 4
    assert step.latency_ms > 0
    assert 1e6 < step.instructions_a76 < 1e8


def test_command_prints_a_table_or_json(folder_of, capsys, faces):
    command = ["table", "asmpip-144", "--data", str(folder_of(faces))]
    assert run_command(main, [*command, "--json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert (printed["n"], len(printed["rows"])) == (N, 1)
    assert printed["rows"][0]["other_nme_percent"] is None
    assert run_command(main, command) == 0
    heading, _, title, _, row = capsys.readouterr().out.splitlines()
    assert heading == f"{N} faces, all"
    assert len(title.split("|")) == len(row.split("|"))
    assert row.startswith("| asmpip-144 | 0.69 M | 78.25 M |")


def test_an_unknown_network_is_one_line(capsys):
    assert run_command(main, ["table", "asmpip-77", "--data", str(FACES_DIR)]) == 3
    assert "no shipped model of that name" in capsys.readouterr().err
