import csv
import shutil

import keras
import numpy as np
import pytest
from keras import layers

from command_line.command import run_command
from landmarks.card import CentreHead
from landmarks.find import NetworkFinder
from landmarks.model_file import read_model
from train.__main__ import main
from train.finder import fit as fitting
from train.models.backbones import pixels
from train.models.finder import CHANNELS_OF_MAP
from train.models.network import KerasNetwork

SMALL = [
    *("--model", "finder", "--size", "32", "--batch", "4", "--epochs", "2"),
    *("--set", "schedule.warmup_epochs=0", "--set", "ema=0.5", "--validation-percent", "40"),
]


def tiny_finder(size, config):
    """Return a network with the maps of a finder that is traced in no time."""
    image, x = pixels(size)
    x = layers.Conv2D(8, 8, strides=8, use_bias=False, name="patch")(x)
    x = layers.ReLU(6.0)(layers.BatchNormalization(name="patch_BN")(x))
    maps = {n: layers.Conv2D(c, 1, name=n)(x) for n, c in CHANNELS_OF_MAP.items()}
    return keras.Model(image, maps)


@pytest.fixture(scope="module", autouse=True)
def _tiny():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fitting, "build_finder", tiny_finder)
        yield


@pytest.fixture(scope="module")
def trained(frames_folder, tmp_path_factory):
    out = tmp_path_factory.mktemp("run")
    assert run_command(main, ["fit", "--data", str(frames_folder), "--out", str(out), *SMALL]) == 0
    return out


def test_a_run_ends_with_a_network_that_finds(trained, frames_folder):
    card = read_model(trained / "model.keras").card
    assert (card.name, card.scheme, card.crop_scale) == ("finder-32", "", 1.0)
    assert isinstance(card.head, CentreHead)
    (figures,) = card.accuracy
    assert figures["data"] == "held-out frames"
    assert figures["frames"] + card.training["frames"] == 8
    found = NetworkFinder.of(KerasNetwork(trained / "model.keras"))
    assert isinstance(found.find(np.zeros((60, 80, 3), np.uint8)), tuple)


def test_a_resumed_run_ends_with_the_weights_of_an_unbroken_one(trained, frames_folder, tmp_path):
    """A run that was stopped after its first epoch: the checkpoint is all that is left of it."""
    out = tmp_path / "run"
    shutil.copytree(trained, out)
    (out / "model.keras").unlink()
    checkpoints = out / "checkpoint"
    (checkpoints / "last.npz").unlink()
    (checkpoints / "previous.npz").rename(checkpoints / "last.npz")
    assert run_command(main, ["fit", "--out", str(out), "--resume"]) == 0
    with (out / "metrics.csv").open() as file:
        assert [row["epoch"] for row in csv.DictReader(file)] == ["1", "2"]
    one, other = (KerasNetwork(run / "model.keras").model.get_weights() for run in (trained, out))
    for a, b in zip(one, other, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-6)


def test_a_used_folder_is_not_overwritten(trained, frames_folder, capsys):
    assert (
        run_command(main, ["fit", "--data", str(frames_folder), "--out", str(trained), *SMALL]) == 2
    )
    assert "already exists" in capsys.readouterr().err


@pytest.mark.parametrize(
    "wrong, words",
    [
        (["--neighbours", "3"], "unknown setting pip"),
        (["--set", "batch=90"], "do not fill a batch of 90"),
        (["--set", "network.blocks=few"], "network.blocks is 'few'"),
        (["--set", "scene.whole=much"], "scene.whole is 'much'"),
    ],
)
def test_what_a_finder_cannot_have_is_said(frames_folder, tmp_path, capsys, wrong, words):
    arguments = ["fit", "--data", str(frames_folder), "--out", str(tmp_path / "run"), *SMALL]
    assert run_command(main, [*arguments, *wrong]) in (1, 2)
    assert words in capsys.readouterr().err
    assert not (tmp_path / "run").exists()


def test_other_commands_want_a_landmark_model(frames_folder, tmp_path, capsys):
    arguments = ["shape", "--data", str(frames_folder), "--model", "finder"]
    assert run_command(main, arguments) == 2
    assert "a finder is trained by python -m train fit" in capsys.readouterr().err


def test_a_run_starts_from_weights_and_learns_from_more_folders(trained, frames_folder, tmp_path):
    out, more = tmp_path / "run", tmp_path / "more"
    shutil.copytree(frames_folder, more)
    more.with_suffix(".json").write_text(frames_folder.with_suffix(".json").read_text())
    arguments = [
        "fit",
        "--data",
        str(frames_folder),
        "--also",
        str(more),
        "--out",
        str(out),
        *SMALL,
    ]
    weights = ["--weights", str(trained / "model.keras"), "--learning-rate", "1e-9"]
    assert run_command(main, [*arguments, *weights, "--epochs", "1"]) == 0
    card = read_model(out / "model.keras").card
    first = read_model(trained / "model.keras").card
    assert card.training["frames"] == 2 * first.training["frames"]
    one, other = (KerasNetwork(run / "model.keras").model for run in (trained, out))
    kernel, begun = (model.get_layer("patch").get_weights()[0] for model in (one, other))
    np.testing.assert_allclose(begun, kernel, atol=1e-4)
