import csv
from dataclasses import replace

import keras
import numpy as np
import pytest
from keras import layers

from landmarks.errors import OutputExistsError, UsageError
from landmarks.model_file import read_model
from train.methods import catalogue
from train.models.backbones import pixels
from train.models.pip_head import pip_head
from train.selftrain import round as round_module
from train.selftrain.pseudo_labels import load_labels
from train.selftrain.rounds import selftrain
from train.settings.fit import FitConfig
from train.settings.schedule import ScheduleConfig
from train.settings.selftrain import METHODS, SelftrainConfig


def tiny_network(config, n_points):
    image, x = pixels(config.size)
    x = layers.Conv2D(8, 16, strides=16, use_bias=False)(x)
    x = layers.ReLU(6.0)(layers.BatchNormalization()(x))
    return keras.Model(image, pip_head(x, n_points, config.pip.k), name="tiny")


@pytest.fixture(scope="module", autouse=True)
def tiny():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(catalogue, "build_network", tiny_network)
        yield


@pytest.fixture(scope="module")
def config(pool_folders):
    labelled, unlabelled = pool_folders
    fit = FitConfig(
        data=labelled,
        out=labelled.parent / "unbroken",
        size=64,
        epochs=2,
        batch=4,
        schedule=ScheduleConfig(warmup_epochs=0),
        validation_percent=20,
        validate_every=1,
        ema=0.5,
    )
    return SelftrainConfig(fit, (unlabelled,), tasks=("cls3", "std"), steps=2)


@pytest.fixture(scope="module")
def unbroken(config):
    return selftrain(config)


def weights(folder, number):
    path = folder / f"round-{number}" / "model.keras"
    return keras.models.load_model(path, compile=False).get_weights()


def elsewhere(config, name, **changes):
    fit = replace(config.fit, out=config.fit.out.with_name(name))
    return replace(config, fit=fit, **changes)


def test_schedule_of_the_paper():
    assert METHODS["stc"] == ("cls3", "cls2", "std", "std", "std")
    assert METHODS["plain"] == ("std", "std", "std")


def test_every_round_leaves_its_row_network_and_labels(unbroken, config):
    out = config.fit.out
    with (out / "rounds.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [row["task"] for row in rows] == ["labelled", "cls3", "std"]
    assert [row["unlabelled"] for row in rows] == ["0", "8", "8"]
    assert all(float(row["validation_nme_percent"]) > 0 for row in rows)
    for number in range(3):
        card = read_model(out / f"round-{number}" / "model.keras").card
        assert card.outputs == ("score", "offsets", "neighbours")
        assert card.training["round"]["round"] == number
    labels = load_labels(out / "round-2" / "pseudo-labels.npz")
    assert labels.points_crop.shape == (8, 68, 2)
    assert not (out / "round-0" / "pseudo-labels.npz").exists()


def test_labels_of_a_round_are_what_the_round_before_sees(unbroken, config):
    one, two = (
        load_labels(config.fit.out / f"round-{number}" / "pseudo-labels.npz").points_crop
        for number in (1, 2)
    )
    assert not np.allclose(one, two)


def test_rounds_start_from_new_weights(unbroken, config):
    assert not np.allclose(weights(config.fit.out, 0)[0], weights(config.fit.out, 1)[0], atol=0.02)


@pytest.mark.parametrize("cut_round", [0, 1])
def test_resumed_selftraining_equals_an_unbroken_one(unbroken, config, monkeypatch, cut_round):
    broken = elsewhere(config, f"broken-{cut_round}")
    complete = round_module.epoch_batches

    def cut(*args, seed, epoch, **kwargs):
        if (seed, epoch) == (config.fit.seed + cut_round, 1):
            raise KeyboardInterrupt
        return complete(*args, seed=seed, epoch=epoch, **kwargs)

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(round_module, "epoch_batches", cut)
        selftrain(broken)
    rows = selftrain(broken, resume=True)
    assert [row["task"] for row in rows] == ["labelled", "cls3", "std"]
    for one, other in zip(weights(config.fit.out, 2), weights(broken.fit.out, 2), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-5)


def test_finished_rounds_are_not_done_again(unbroken, config, monkeypatch):
    def never(*args):
        raise AssertionError("a finished round was trained again")

    monkeypatch.setattr("train.selftrain.rounds.run_round", never)
    assert selftrain(config, resume=True) == unbroken


def test_round_does_not_go_on_with_another_task(unbroken, config):
    with pytest.raises(UsageError, match="round 2 was begun with the task std, not cls2"):
        selftrain(replace(config, tasks=("cls3", "cls2")), resume=True)


def test_used_folder_is_refused_without_force(unbroken, config):
    with pytest.raises(OutputExistsError, match="--force"):
        selftrain(config)


def test_teacher_of_averaged_weights_labels_anew_and_goes_on(unbroken, config):
    run = elsewhere(config, "averaged", tasks=("std",), relabel_every=1, confidence=True)
    rows = selftrain(run)
    assert 0 < rows[1]["mean_weight"] < 1
    first, after = weights(run.fit.out, 0)[0], weights(run.fit.out, 1)[0]
    assert np.abs(first - after).max() < 0.05  # it went on from round 0


def test_model_without_a_pip_head_is_refused(config, monkeypatch):
    def without(config, n_points):
        image, x = pixels(config.size)
        x = layers.Conv2D(4, 16, strides=16)(x)
        return keras.Model(image, pip_head(x, n_points, 0))

    monkeypatch.setattr(catalogue, "build_network", without)
    with pytest.raises(UsageError, match="needs a PIP head with neighbours"):
        selftrain(elsewhere(config, "no_votes"))


def test_card_names_the_unlabelled_faces_too(unbroken, config):
    first, last = (
        read_model(config.fit.out / f"round-{number}" / "model.keras").card for number in (0, 2)
    )
    assert "unlabelled" not in first.training
    assert last.training["unlabelled"] == [{"dataset": "drawn all", "terms": ""}]
