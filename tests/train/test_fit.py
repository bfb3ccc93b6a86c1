import csv
import tomllib
from dataclasses import replace

import keras
import numpy as np
import pytest
from keras import layers

import train.fit as fit_module
from landmarks.card import as_points
from landmarks.errors import DatasetError, OutputExistsError, TrainingError
from landmarks.faces import read_labelled_faces
from landmarks.model_file import read_model
from train.fit import fit
from train.fit_config import FitConfig
from train.methods import catalogue
from train.methods import pip as pip_module
from train.methods.shapes import mean_face, shapes_unit
from train.models.backbones import pixels
from train.models.pip_head import pip_head
from train.prepare import prepare
from train.prepared import open_prepared
from train.schedule import ScheduleConfig
from train.validation import split_validation

FACES, BATCH = 12, 4


def tiny_network(config, n_points):
    """A network with the outputs of a PIPNet that is built and traced in no time."""
    image, x = pixels(config.size)
    for stage in range(2):
        x = layers.Conv2D(8, 4, strides=4, use_bias=False)(x)
        x = layers.ReLU()(layers.BatchNormalization(name=f"norm_{stage}")(x))
    return keras.Model(image, pip_head(x, n_points, config.pip.k), name="tiny")


@pytest.fixture(scope="module", autouse=True)
def tiny():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(catalogue, "build_network", tiny_network)
        yield


@pytest.fixture(scope="module")
def prepared(tmp_path_factory, draw_faces):
    folder = tmp_path_factory.mktemp("prepared")
    faces = read_labelled_faces(draw_faces(folder / "faces", FACES))
    prepare(faces, folder / "out", dataset="drawn", subset="all", scheme="300w-68")
    return folder / "out"


@pytest.fixture(scope="module")
def config(prepared):
    return FitConfig(
        data=prepared,
        out=prepared.parent / "unbroken",
        size=64,
        epochs=2,
        batch=BATCH,
        schedule=ScheduleConfig(warmup_epochs=1),
        learning_rate=1e-2,
        ema=0.5,
        validation_percent=20,
        validate_every=1,
    )


@pytest.fixture(scope="module")
def unbroken(config):
    """A finished run of two epochs."""
    fit(config)
    return config.out


def weights_of(run):
    return keras.models.load_model(run / "model.keras", compile=False).get_weights()


def interrupt_in_epoch(number):
    """Batches that are cut off in an epoch, as Ctrl-C or a kill would."""
    complete = fit_module.epoch_batches

    def batches(*args, epoch, **kwargs):
        if epoch == number:
            raise KeyboardInterrupt
        return complete(*args, epoch=epoch, **kwargs)

    return batches


def test_resumed_run_equals_an_unbroken_one(unbroken, config, monkeypatch):
    broken = replace(config, out=config.out.with_name("broken"))
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(fit_module, "epoch_batches", interrupt_in_epoch(1))
        fit(broken)
    assert not (broken.out / "model.keras").exists()
    fit(broken, resume=True)
    for one, other in zip(weights_of(unbroken), weights_of(broken.out), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-5)


def test_run_folder_holds_configuration_metrics_and_model(unbroken, config):
    settings = tomllib.loads((unbroken / "config.toml").read_text())
    assert settings["epochs"] == 2
    assert settings["augment"]["turn_deg"] == config.augment.turn_deg
    with (unbroken / "metrics.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [row["epoch"] for row in rows] == ["1", "2"]
    assert all(float(row["loss"]) > 0 for row in rows)
    assert all(float(row["validation_nme_percent"]) > 0 for row in rows)


def test_model_carries_the_contract_of_the_run(unbroken, config):
    data = open_prepared(config.data)
    training, validation = split_validation(data.info.names, config.validation_percent)
    assert len(training) >= BATCH
    assert len(validation) > 0
    card = read_model(unbroken / "model.keras").card
    assert (card.scheme, card.precision, card.input_size) == ("300w-68", "float32", 64)
    assert card.crop_scale == config.crop_scale
    assert (card.head.kind, card.head.grid, card.head.k) == ("pip", 4, 10)
    assert card.outputs == ("score", "offsets", "neighbours")
    assert card.training["faces"] == len(training)
    assert card.training["prepared_sha256"] == data.info.sha256
    assert card.training["final"]["epoch"] == 2


def test_mean_face_of_training_is_exactly_that_of_the_card(unbroken, config):
    """Neighbours follow from it: with other digits the device might sort them otherwise."""
    data = open_prepared(config.data)
    training, _ = split_validation(data.info.names, config.validation_percent)
    face = mean_face(shapes_unit(data, training, size=64, crop_scale=config.crop_scale))
    card = read_model(unbroken / "model.keras").card
    assert as_points(face) == card.head.mean_face
    np.testing.assert_array_equal(np.asarray(card.head.mean_face, np.float32), face)


def test_saved_model_consists_of_stock_layers(unbroken):
    model = keras.models.load_model(unbroken / "model.keras", compile=False)
    assert {type(layer).__module__.split(".")[0] for layer in model.layers} == {"keras"}


def test_existing_run_is_refused_without_force(unbroken, config):
    before = (unbroken / "model.keras").read_bytes()
    with pytest.raises(OutputExistsError, match="--force"):
        fit(config)
    assert (unbroken / "model.keras").read_bytes() == before


def test_resuming_a_finished_run_trains_no_further(unbroken, config):
    before = weights_of(unbroken)
    fit(config, resume=True)
    for one, other in zip(before, weights_of(unbroken), strict=True):
        np.testing.assert_array_equal(one, other)


def test_loss_that_is_no_number_stops_the_run_and_keeps_the_checkpoint(config, monkeypatch):
    run = replace(config, out=config.out.with_name("diverged"), validate_every=10)
    encode = pip_module.encode_pip

    def broken(*args):
        targets = encode(*args)
        return replace(targets, offsets=np.full_like(targets.offsets, np.nan))

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(fit_module, "epoch_batches", interrupt_in_epoch(1))
        fit(run)
    kept = (run.out / "checkpoint" / "last.npz").read_bytes()
    with (
        monkeypatch.context() as patch,
        pytest.raises(TrainingError, match="epoch 2, step 1 is nan"),
    ):
        patch.setattr(pip_module, "encode_pip", broken)
        fit(run, resume=True)
    assert (run.out / "checkpoint" / "last.npz").read_bytes() == kept
    assert not (run.out / "model.keras").exists()


def test_too_few_faces_for_a_batch_are_refused(config):
    with pytest.raises(TrainingError, match="do not fill a batch of 100"):
        fit(replace(config, out=config.out.with_name("large_batch"), batch=100))


def test_missing_data_are_refused(config, tmp_path):
    with pytest.raises(DatasetError, match="not a prepared folder"):
        fit(replace(config, data=tmp_path / "nowhere", out=tmp_path / "run"))
