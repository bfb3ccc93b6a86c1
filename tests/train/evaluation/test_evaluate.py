"""``python -m train evaluate`` on drawn faces, with the shipped INT8 file."""

from __future__ import annotations

import csv
import json
from dataclasses import replace

import numpy as np
import pytest

import train.evaluation.evaluate
from calib_data import FACES_DIR
from command_line.command import run_command
from edge.bench.answer_picture import SIDE, TITLE_HEIGHT
from edge.models import model_path
from landmarks.boxes import Box
from landmarks.faces import read_labelled_faces
from landmarks.pictures import read_picture, write_picture
from landmarks.pts import read_pts, write_pts
from train.__main__ import main
from train.evaluation.worst_faces import FACES
from train.preparation.prepare import prepare
from train.preparation.validation_split import split_validation

ROW_HEIGHT = TITLE_HEIGHT + SIDE
KEYS = {"model", "data", "subset", "n", "normaliser", "nme_percent", "fr10_percent", "auc10"}
KEYS |= {"boxes", "fr8_percent", "frame", "scheme", "missed", "precision"}


def run(*arguments):
    return run_command(main, ["evaluate", *map(str, arguments)])


@pytest.fixture(scope="module")
def folder(tmp_path_factory, draw_faces):
    return draw_faces(tmp_path_factory.mktemp("faces"), 3)


@pytest.fixture
def grouped(folder, monkeypatch):
    """Let the faces of the folder carry groups, as a data set's reader would."""
    faces = read_labelled_faces(folder)
    groups = (("blur",), ("blur", "pose"), ())
    marked = [replace(face, groups=names) for face, names in zip(faces, groups, strict=True)]
    monkeypatch.setattr(train.evaluation.evaluate, "read_faces", lambda *_: (marked, "test"))


def figures_of(capsys):
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_json_has_the_figures_that_programs_rely_on(folder, capsys):
    assert run("default", "--data", folder, "--json") == 0
    (figures,) = figures_of(capsys)
    assert figures.keys() >= KEYS
    assert (figures["n"], figures["missed"], figures["subset"]) == (3, 0, "all")
    assert (figures["boxes"], figures["frame"]) == ("truth", "original")
    assert (figures["normaliser"], figures["scheme"]) == ("inter-ocular", "300w-68")
    assert figures["nme_percent"] > 0
    assert figures["pose_mae_deg"]["mean"] > 0
    assert "groups" not in figures


def test_normaliser_and_frame_change_the_figure_and_are_named(folder, capsys):
    found = {}
    for normaliser in ("inter-ocular", "inter-pupil", "box", "image"):
        for frame in ("original", "resized-crop"):
            how = ("--normaliser", normaliser, "--frame", frame)
            assert run("default", "--data", folder, "--json", *how) == 0
            (figures,) = figures_of(capsys)
            assert (figures["normaliser"], figures["frame"]) == (normaliser, frame)
            found[normaliser, frame] = figures["nme_percent"]
    assert len(set(found.values())) == len(found)
    # the eyes' centres are nearer to each other than their outer corners
    assert found["inter-pupil", "original"] > found["inter-ocular", "original"]
    crop_side = 1.1  # of the box
    assert found["image", "resized-crop"] == pytest.approx(
        found["box", "resized-crop"] / crop_side, rel=1e-3
    )


def test_several_models_give_a_line_each_and_one_picture_and_table(folder, tmp_path, capsys):
    ced, errors = tmp_path / "out" / "ced.png", tmp_path / "out" / "errors.csv"
    models = ("default", "asmpip-144-int8.onnx")
    assert run(*models, "--data", folder, "--ced", ced, "--errors", errors, "--json") == 0
    figures = figures_of(capsys)
    assert [line["model"].rsplit(".")[-1] for line in figures] == ["tflite", "onnx"]
    assert ced.read_bytes().startswith(b"\x89PNG")
    with errors.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["model"] for row in rows] == 3 * [rows[0]["model"]] + 3 * [rows[3]["model"]]
    of_first = [float(row["nme_percent"]) for row in rows[:3]]
    assert of_first == sorted(of_first, reverse=True)
    assert sum(of_first) / 3 == pytest.approx(figures[0]["nme_percent"], abs=1e-3)


def test_existing_output_is_refused_before_work_and_replaced_with_force(folder, tmp_path, capsys):
    errors = tmp_path / "errors.csv"
    errors.write_text("precious")
    assert run("default", "--data", folder, "--errors", errors) == 2
    assert "--force" in capsys.readouterr().err
    assert errors.read_text() == "precious"
    assert run("default", "--data", folder, "--errors", errors, "--force") == 0
    assert errors.read_text().startswith("model,picture,groups,found,nme_percent")


def test_curve_of_an_unknown_kind_is_refused_before_work(folder, tmp_path, capsys):
    assert run("default", "--data", folder, "--ced", tmp_path / "ced.txt") == 2
    assert ".png" in capsys.readouterr().err


@pytest.mark.usefixtures("grouped")
def test_groups_are_reported_each_for_itself(folder, capsys):
    assert run("default", "--data", folder, "--by-group", "--json") == 0
    (figures,) = figures_of(capsys)
    groups = figures["groups"]
    assert {name: part["n"] for name, part in groups.items()} == {"blur": 2, "pose": 1}
    assert groups["pose"]["nme_percent"] != groups["blur"]["nme_percent"]
    assert run("default", "--data", folder, "--by-group") == 0
    table = capsys.readouterr().out.splitlines()[-3:]
    assert table[0].split() == ["group", "n", "missed", "nme_percent", "fr10_percent", "auc10"]
    assert table[1].split()[:2] == ["blur", "2"]


@pytest.mark.usefixtures("grouped")
def test_groups_of_a_face_are_in_the_table_of_errors(folder, tmp_path):
    errors = tmp_path / "errors.csv"
    assert run("default", "--data", folder, "--errors", errors) == 0
    with errors.open(newline="") as file:
        assert sorted(row["groups"] for row in csv.DictReader(file)) == ["", "blur", "blur|pose"]


def test_groups_of_faces_without_groups_cannot_be_had(folder, capsys):
    assert run("default", "--data", folder, "--by-group") == 3
    assert "leave out --by-group" in capsys.readouterr().err


def test_boxes_of_a_data_set_without_boxes_cannot_be_had(folder, capsys):
    assert run("default", "--data", folder, "--boxes", "dataset") == 3
    assert "gives no box" in capsys.readouterr().err


def test_boxes_of_the_data_set_are_used(folder, monkeypatch, capsys):
    faces = [replace(face, box=Box(0, 0, 130, 130)) for face in read_labelled_faces(folder)]
    monkeypatch.setattr(train.evaluation.evaluate, "read_faces", lambda *_: (faces, "test"))
    assert run("default", "--data", folder, "--boxes", "dataset", "--json") == 0
    assert run("default", "--data", folder, "--boxes", "truth", "--json") == 0
    given, truth = figures_of(capsys)
    assert (given["boxes"], truth["boxes"]) == ("dataset", "truth")
    assert given["nme_percent"] != truth["nme_percent"]


def test_boxes_of_the_shipped_finder_are_near_those_of_the_labels(tmp_path, capsys):
    for source in sorted(FACES_DIR.glob("*.jpg"))[:4]:
        picture = np.pad(read_picture(source), ((60, 60), (60, 60), (0, 0)), mode="edge")
        write_picture(tmp_path / source.name, picture)
        write_pts(tmp_path / f"{source.stem}.pts", read_pts(source.with_suffix(".pts")) + 60)
    write_picture(tmp_path / "empty.png", np.full((200, 200, 3), 90, np.uint8))
    write_pts(tmp_path / "empty.pts", read_pts(FACES_DIR / f"{source.stem}.pts"))
    assert run("default", "--data", tmp_path, "--boxes", "detector", "--json") == 0
    assert run("default", "--data", tmp_path, "--boxes", "truth", "--json") == 0
    found, truth = figures_of(capsys)
    assert (found["n"], found["missed"], truth["n"]) == (4, 1, 5)
    assert found["nme_percent"] < 6


def test_missed_faces_are_counted_and_listed_last(folder, monkeypatch, tmp_path, capsys):
    first = read_labelled_faces(folder)[0]

    def finds_one(image, face):
        return Box(10, 10, 100, 100) if str(face.picture) == str(first.picture) else None

    monkeypatch.setattr(train.evaluation.evaluate, "_detector_boxes", lambda: finds_one)
    errors = tmp_path / "errors.csv"
    assert (
        run("default", "--data", folder, "--boxes", "detector", "--json", "--errors", errors) == 0
    )
    (figures,) = figures_of(capsys)
    assert (figures["n"], figures["missed"]) == (1, 2)
    with errors.open(newline="") as file:
        assert [row["found"] for row in csv.DictReader(file)] == ["1", "0", "0"]


def test_a_model_that_is_missing_is_exit_code_3(folder, tmp_path, capsys):
    assert run("default", tmp_path / "none.tflite", "--data", folder) == 3
    assert "none.tflite" in capsys.readouterr().err


def test_data_set_is_chosen_by_name(tmp_path, draw_faces, capsys):
    for part in ("helen/testset", "lfpw/testset", "ibug"):
        draw_faces(tmp_path / part, 1)
    how = ("--dataset", "w300", "--subset", "full", "--by-group", "--json")
    assert run("default", "--data", tmp_path, *how) == 0
    (figures,) = figures_of(capsys)
    assert (figures["dataset"], figures["subset"], figures["n"]) == ("w300", "full", 3)
    assert {name: part["n"] for name, part in figures["groups"].items()} == {
        "common": 2,
        "challenging": 1,
    }


def test_subset_for_testing_is_the_default(tmp_path, draw_faces, capsys):
    for part in ("helen/testset", "lfpw/testset"):
        draw_faces(tmp_path / part, 1)
    assert run("default", "--data", tmp_path, "--json") == 0
    assert figures_of(capsys)[0]["subset"] == "common"


def test_data_set_without_landmarks_is_no_choice(folder, capsys):
    with pytest.raises(SystemExit) as caught:
        run("default", "--data", folder, "--dataset", "celeba")
    assert caught.value.code == 2
    assert "invalid choice: 'celeba'" in capsys.readouterr().err


def test_prepared_faces_give_about_the_errors_of_their_pictures(tmp_path, capsys):
    faces = read_labelled_faces(FACES_DIR)[:40]
    info = prepare(faces, tmp_path, dataset="bundled", subset="all", scheme="300w-68")
    held_out = {info.names[i] for i in split_validation(info.names, 5)[1]}
    assert 0 < len(held_out) < 10
    network = train.evaluation.evaluate.open_any(model_path("default"))
    for subset, expected in (("all", set(info.names)), ("held-out", held_out)):
        assert run("default", "--data", tmp_path, "--subset", subset, "--json") == 0
        (figures,) = figures_of(capsys)
        assert (figures["dataset"], figures["subset"]) == ("prepared", subset)
        assert figures["n"] == len(expected)
        pictures = [face for face in faces if face.picture.name in expected]
        there = train.evaluation.evaluate.score_on(network, pictures).to_dict()
        assert figures["nme_percent"] == pytest.approx(there["nme_percent"], abs=0.1)


def test_prepared_faces_have_no_other_subsets(tmp_path, capsys):
    faces = read_labelled_faces(FACES_DIR)[:1]
    (name,) = prepare(faces, tmp_path, dataset="b", subset="all", scheme="300w-68").names
    assert run("default", "--data", tmp_path, "--subset", "test") == 3
    assert "no subset 'test' of prepared faces, expected all, train, held-out" in (
        capsys.readouterr().err
    )
    assert not len(split_validation([name], 5)[1])
    assert run("default", "--data", tmp_path, "--subset", "held-out") == 3
    assert "none of its 1 faces is held-out" in capsys.readouterr().err


def test_worst_faces_are_drawn_in_a_row_for_each_model_and_condition(folder, tmp_path, capsys):
    sheet = tmp_path / "worst.png"
    assert run("default", "--data", folder, "--worst", sheet, "--by-condition") == 0
    assert read_picture(sheet).shape == (7 * ROW_HEIGHT, FACES * SIDE, 3)
    assert run("default", "--data", folder, "--worst", sheet) == 2
    assert "worst.png" in capsys.readouterr().err
    assert run("default", "asmpip-192", "--data", folder, "--worst", sheet, "--force") == 0
    assert read_picture(sheet).shape == (2 * ROW_HEIGHT, FACES * SIDE, 3)


def test_a_picture_of_an_unknown_kind_is_refused_before_work(folder, tmp_path, capsys):
    assert run("nowhere", "--data", folder, "--worst", tmp_path / "worst.pdf") == 3
    assert "cannot write a .pdf picture, use one of" in capsys.readouterr().err
