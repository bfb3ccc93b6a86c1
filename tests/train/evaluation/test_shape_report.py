import json

import numpy as np
import pytest

from command_line.command import run_command
from landmarks.faces import read_labelled_faces
from landmarks.pictures import read_picture
from landmarks.shape import fit_shape_model
from train.__main__ import main
from train.evaluation.shape_report import mode_shapes
from train.preparation.prepare import prepare


@pytest.fixture(scope="module")
def prepared(tmp_path_factory, draw_faces):
    folder = tmp_path_factory.mktemp("shape")
    faces = read_labelled_faces(draw_faces(folder / "faces", 12))
    prepare(faces, folder / "out", dataset="drawn", subset="all", scheme="300w-68")
    return folder / "out"


def run(*arguments):
    return run_command(main, ["shape", *map(str, arguments)])


def test_more_variance_means_more_components_and_less_smoothing(prepared, capsys):
    found = []
    for percent in (50, 90, 99.9):
        assert run("--data", prepared, "--percent", percent, "--json") == 0
        found.append(json.loads(capsys.readouterr().out))
    assert [facts["percent"] for facts in found] == [50, 90, 99.9]
    components = [facts["components"] for facts in found]
    smoothing = [facts["smoothing_nme_percent"] for facts in found]
    assert components == sorted(set(components))
    assert smoothing == sorted(set(smoothing), reverse=True)


def test_model_and_picture_are_written_once(prepared, tmp_path, capsys):
    files = ("--out", tmp_path / "shape.npz", "--picture", tmp_path / "modes.png")
    assert run("--data", prepared, "--percent", 99, *files) == 0
    with np.load(tmp_path / "shape.npz") as arrays:
        assert arrays["mean"].shape == (68, 2)
        assert arrays["components"].shape == (len(arrays["variances"]), 136)
    assert read_picture(tmp_path / "modes.png").shape == (768, 768, 3)
    assert run("--data", prepared, *files) == 2
    assert "--force" in capsys.readouterr().err


def test_modes_are_shown_at_their_limits(face68, rng):
    model = fit_shape_model(face68 + rng.normal(0, 0.02, (30, 68, 2)), 90)
    shapes = mode_shapes(model, 3)
    assert shapes.shape == (3, 3, 68, 2)
    np.testing.assert_allclose(shapes[:, 1], np.broadcast_to(model.mean, (3, 68, 2)), atol=1e-6)
    for mode in range(3):
        expected = np.zeros(len(model.variances))
        expected[mode] = 3 * np.sqrt(model.variances[mode])
        np.testing.assert_allclose(model.parameters(shapes[mode, 2]), expected, atol=1e-4)
