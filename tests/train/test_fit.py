import csv
import json
import shutil
import tomllib
from dataclasses import replace

import keras
import numpy as np
import pytest

import train.training_loop.landmark_batches as batches_module
import train.training_loop.loop as loop_module
import train.training_loop.validation as validation_module
from landmarks.card import as_points
from landmarks.errors import DatasetError, OutputExistsError, TrainingError
from landmarks.faces import read_labelled_faces
from landmarks.model_file import read_model
from train.fit import fit
from train.methods import catalogue
from train.methods import pip as pip_module
from train.methods.shapes import mean_face, shapes_unit
from train.preparation.prepare import prepare
from train.preparation.prepared import MARKER, open_prepared
from train.preparation.validation_split import split_validation
from train.settings.fit import FitConfig
from train.settings.schedule import ScheduleConfig
from train.training_loop.trainer import build_optimizer

FACES, BATCH = 12, 4
pytestmark = pytest.mark.usefixtures("tiny")


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
def unbroken(config, tiny):
    """A finished run of two epochs."""
    fit(config)
    return config.out


def weights_of(run):
    return keras.models.load_model(run / "model.keras", compile=False).get_weights()


def metrics_of(run):
    """The rows of ``metrics.csv`` without the time that they took."""
    with (run / "metrics.csv").open(newline="") as file:
        return [{**row, "seconds": ""} for row in csv.DictReader(file)]


def interrupt_in_epoch(number):
    """Batches that are cut off in an epoch, as Ctrl-C or a kill would."""
    complete = batches_module.epoch_batches

    def batches(*args, epoch, **kwargs):
        if epoch == number:
            raise KeyboardInterrupt
        return complete(*args, epoch=epoch, **kwargs)

    return batches


def test_resumed_run_equals_an_unbroken_one(unbroken, config, monkeypatch):
    broken = replace(config, out=config.out.with_name("broken"))
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(batches_module, "epoch_batches", interrupt_in_epoch(1))
        fit(broken)
    assert not (broken.out / "model.keras").exists()
    fit(broken, resume=True)
    for one, other in zip(weights_of(unbroken), weights_of(broken.out), strict=True):
        np.testing.assert_array_equal(one, other)
    assert metrics_of(broken.out) == metrics_of(unbroken)


def test_another_seed_gives_another_run(unbroken, config):
    """That the same one gives the same run is what the resumed run shows."""
    other = replace(config, out=config.out.with_name("other_seed"), seed=2, epochs=1)
    fit(other)
    assert metrics_of(other.out)[0]["loss"] != metrics_of(unbroken)[0]["loss"]


def test_run_killed_before_its_first_checkpoint_starts_as_it_did(config, monkeypatch, tiny_network):
    """Initial weights come from where the configuration says, not from chance."""
    run = replace(config, out=config.out.with_name("young"), epochs=1, weights="imagenet")
    chosen = []

    def network(config, n_points):
        chosen.append(config.weights)
        return tiny_network(config, n_points)

    monkeypatch.setattr(catalogue, "build_network", network)
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(batches_module, "epoch_batches", interrupt_in_epoch(0))
        fit(run)
    fit(run, resume=True)
    fit(run, resume=True)
    assert chosen == ["imagenet", "imagenet", ""]


def test_early_stop_keeps_the_best_weights_across_a_resume(config, monkeypatch):
    errors = [5.0, 3.0, 4.0, 4.5, 1.0]
    run = replace(config, epochs=5, early_stop=2)
    given = []

    def validate(network, *args, **kwargs):
        given.append(network.get_weights())
        return errors[len(given) - 1] / 100

    monkeypatch.setattr(validation_module, "validate", validate)
    whole = replace(run, out=config.out.with_name("stopped"))
    fit(whole)
    assert [row["epoch"] for row in metrics_of(whole.out)] == ["1", "2", "3", "4"]
    for one, other in zip(weights_of(whole.out), given[1], strict=True):
        np.testing.assert_array_equal(one, other)
    assert read_model(whole.out / "model.keras").card.training["final"]["epoch"] == 2

    broken = replace(run, out=config.out.with_name("stopped_and_resumed"))
    given.clear()
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(batches_module, "epoch_batches", interrupt_in_epoch(3))
        fit(broken)
    fit(broken, resume=True)
    assert metrics_of(broken.out) == metrics_of(whole.out)
    for one, other in zip(weights_of(broken.out), weights_of(whole.out), strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("precision", ["mixed_bfloat16", "mixed_float16"])
def test_mixed_precision_trains_resumes_and_saves_float32(config, precision, monkeypatch):
    run = replace(config, out=config.out.with_name(precision), precision=precision)
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(batches_module, "epoch_batches", interrupt_in_epoch(1))
        fit(run)
    fit(run, resume=True)
    rows = metrics_of(run.out)
    assert len(rows) == 2
    assert float(rows[1]["loss"]) < float(rows[0]["loss"])
    model = keras.models.load_model(run.out / "model.keras", compile=False)
    assert {layer.dtype_policy.name for layer in model.layers} == {"float32"}
    assert {weight.dtype for weight in model.get_weights()} == {np.dtype("float32")}
    assert read_model(run.out / "model.keras").card.precision == "float32"


def test_float16_scales_its_loss(config):
    optimizer = build_optimizer(replace(config, precision="mixed_float16"), 3)
    assert isinstance(optimizer, keras.optimizers.LossScaleOptimizer)
    assert optimizer.inner_optimizer.use_ema


def test_starting_over_deletes_what_the_old_run_left(config, monkeypatch):
    run = replace(config, out=config.out.with_name("again"), epochs=1)
    fit(run)
    before = {path.name for path in (run.out / "tensorboard").iterdir()}
    (run.out / "checkpoint" / ".last.half-written-abcdefgh.npz").write_bytes(b"half")
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(batches_module, "epoch_batches", interrupt_in_epoch(0))
        fit(run, force=True)
    left = {path.relative_to(run.out).as_posix() for path in run.out.rglob("*")}
    assert left == {"config.toml", "checkpoint", "tensorboard"}
    assert before


def test_run_folder_holds_configuration_metrics_and_model(unbroken, config):
    settings = tomllib.loads((unbroken / "config.toml").read_text())
    assert settings["epochs"] == 2
    assert settings["augment"]["turn_deg"] == config.augment.turn_deg
    with (unbroken / "metrics.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [row["epoch"] for row in rows] == ["1", "2"]
    assert all(float(row["loss"]) > 0 for row in rows)
    assert [float(row["learning_rate"]) for row in rows] == pytest.approx([1e-2, 1e-4])
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
        patch.setattr(batches_module, "epoch_batches", interrupt_in_epoch(1))
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


def test_weights_that_are_no_numbers_are_never_a_checkpoint(config, monkeypatch):
    """The loss of the last step knows nothing of the update that follows it."""
    run = replace(config, out=config.out.with_name("poisoned"), epochs=1, validation_percent=0)
    monkeypatch.setattr(loop_module, "finite", lambda model: False)
    with pytest.raises(TrainingError, match="a weight is no longer a number after epoch 1"):
        fit(run)
    assert list((run.out / "checkpoint").glob("*")) == []


def test_too_few_faces_for_a_batch_are_refused(config):
    with pytest.raises(TrainingError, match="do not fill a batch of 100"):
        fit(replace(config, out=config.out.with_name("large_batch"), batch=100))


def test_missing_data_are_refused(config, tmp_path):
    with pytest.raises(DatasetError, match="not a prepared folder"):
        fit(replace(config, data=tmp_path / "nowhere", out=tmp_path / "run"))


def test_more_faces_are_trained_on_and_none_of_them_is_held_out(
    config, prepared, tmp_path, draw_faces, tiny
):
    faces = read_labelled_faces(draw_faces(tmp_path / "faces", 2 * FACES))
    more = prepare(faces, tmp_path / "more", dataset="more", subset="all", scheme="300w-68")
    names = open_prepared(prepared).info.names
    assert set(names) < set(more.names), "the same names, so that held-out ones come again"
    training, held_out = split_validation(names, 20)
    again, left_out = split_validation(more.names, 20)
    assert len(held_out) and len(left_out)
    out = fit(replace(config, out=tmp_path / "run", epochs=1, also=(tmp_path / "more",)))
    facts = read_model(out).card.training
    assert facts["faces"] == len(training) + len(again)
    (also,) = facts["also"]
    assert (also["dataset"], also["faces"]) == ("more all", more.n)
    assert tomllib.loads((tmp_path / "run/config.toml").read_text())["also"] == [
        str(tmp_path / "more")
    ]


def test_a_card_names_folders_and_files_and_not_where_they_lie(
    config, unbroken, prepared, tmp_path, tiny
):
    start = unbroken / "model.keras"
    run = replace(config, out=tmp_path / "run", epochs=1, also=(prepared,), weights=str(start))
    card = read_model(fit(run)).card
    kept = card.training["config"]
    assert (kept["data"], kept["out"], kept["also"]) == (prepared.name, "run", [prepared.name])
    assert kept["weights"] == "model.keras"
    assert str(tmp_path.parent) not in json.dumps(card.to_dict())


def test_more_faces_leave_the_mean_face_alone(config, unbroken, prepared, tmp_path, tiny):
    out = fit(replace(config, out=tmp_path / "run", epochs=1, also=(prepared,)))
    heads = [read_model(path).card.head for path in (out, unbroken / "model.keras")]
    assert heads[0].mean_face == heads[1].mean_face


def test_more_faces_of_other_crops_are_refused(config, tmp_path, draw_faces, prepared):
    other = tmp_path / "other"
    shutil.copytree(prepared, other)
    info = json.loads((other / MARKER).read_text())
    (other / MARKER).write_text(json.dumps(info | {"scale": 1.5}))
    with pytest.raises(DatasetError, match=r"other: crops of 256 px at scale 1\.5, but"):
        fit(replace(config, out=tmp_path / "run", also=(other,)))
    assert not (tmp_path / "run").exists()


def test_boxes_without_a_face_are_trained_on(config, tmp_path, draw_faces, tiny):
    frames = draw_faces(tmp_path / "frames", FACES)
    run = replace(config, out=tmp_path / "run", epochs=1, empty=(frames,), empty_share=0.5)
    kept = read_model(fit(run)).card.training["config"]
    assert (kept["empty"], kept["empty_share"]) == (["frames"], 0.5)


@pytest.mark.parametrize(("size", "said"), [(64, True), (128, False)])
def test_faces_that_were_prepared_too_small_are_said(
    config, tmp_path, draw_faces, caplog, size, said
):
    """At 64 px and 1.7 times the box, a crop of 1.25 has 47 px, where the network sees 64."""
    faces = read_labelled_faces(draw_faces(tmp_path / "faces", FACES))
    words = {"dataset": "drawn", "subset": "all", "scheme": "300w-68"}
    prepare(faces, tmp_path / "prepared", size=size, **words)
    fit(replace(config, data=tmp_path / "prepared", out=tmp_path / "run", epochs=1))
    line = "prepared at 64 px are enlarged for an input of 64: python -m train prepare --size 88"
    assert (line in caplog.text) == said
