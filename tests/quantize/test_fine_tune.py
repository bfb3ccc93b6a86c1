from __future__ import annotations

from dataclasses import asdict, replace

import numpy as np
import pytest

from landmarks.errors import TrainingError, UsageError
from landmarks.faces import read_labelled_faces
from quantize.config import FineTuneConfig, PtqConfig
from quantize.files.tflite import export_int8
from quantize.fine_tune import fine_tune
from quantize.networks.fake_quant import FakeQuant
from quantize.networks.fold import fold
from quantize.ptq import quantize_after_training
from train.preparation.prepare import prepare
from train.settings.augmentation import AugmentConfig


@pytest.fixture(scope="module")
def prepared(tmp_path_factory, faces):
    folder = tmp_path_factory.mktemp("faces") / "prepared"
    some = read_labelled_faces(faces)[:48]
    prepare(some, folder, dataset="bundled", subset="some", scheme="300w-68")
    return folder


@pytest.fixture(scope="module")
def rounded(tiny_regression, calibration):
    """Few layers: tracing their training takes most of the time. Maps are tuned by the command."""
    return quantize_after_training(fold(tiny_regression.model), calibration, PtqConfig())


@pytest.fixture(scope="module")
def config(prepared):
    return FineTuneConfig(
        prepared, epochs=3, batch=8, learning_rate=3e-3, frozen_share=0.34, distill=0.0
    )


@pytest.fixture(scope="module")
def tuned(tiny_regression, rounded, config, tmp_path_factory):
    folder = tmp_path_factory.mktemp("qat")
    return folder, fine_tune(
        rounded.simulated, rounded.folded, tiny_regression.card, config, folder
    )


def losses(folder):
    rows = (folder / "metrics.csv").read_text().splitlines()[1:]
    return [float(row.split(",")[1]) for row in rows]


def test_training_goes_on_with_the_roundings(tuned, rounded, calibration):
    folder, network = tuned
    assert losses(folder)[-1] < losses(folder)[0]
    kinds = [type(la).__name__ for la in rounded.simulated.layers]
    assert [type(la).__name__ for la in network.layers] == kinds
    moved = [
        np.abs(new - old).max()
        for old, new in zip(rounded.simulated.get_weights(), network.get_weights(), strict=True)
    ]
    assert max(moved) > 0
    export_int8(network, calibration.crops[0])  # which checks the file against the network


def test_ranges_are_learned_and_frozen_before_the_end(tuned, rounded):
    _, network = tuned
    layers = [la for la in network.layers if isinstance(la, FakeQuant)]
    assert all(float(la.frozen) for la in layers)
    before = [float(la.range()[1]) for la in rounded.simulated.layers if isinstance(la, FakeQuant)]
    after = [float(la.range()[1]) for la in layers]
    assert not np.allclose(before, after, rtol=1e-5)


def test_a_run_that_stopped_goes_on_to_the_same_weights(
    tiny_regression, rounded, config, tuned, tmp_path
):
    _, unbroken = tuned

    # the learning rate falls over the whole run: stop it by breaking off, not by fewer epochs
    class Stopped(Exception):
        pass

    def stop(*arguments, **settings):
        raise Stopped

    import train.training_loop.validation as module

    validate = module.validate
    with pytest.MonkeyPatch.context() as patch, pytest.raises(Stopped):
        calls = iter([validate, stop])
        patch.setattr(module, "validate", lambda *a, **s: next(calls)(*a, **s))
        fine_tune(rounded.simulated, rounded.folded, tiny_regression.card, config, tmp_path)
    again = fine_tune(
        rounded.simulated, rounded.folded, tiny_regression.card, config, tmp_path, resume=True
    )
    for expected, weight in zip(unbroken.get_weights(), again.get_weights(), strict=True):
        np.testing.assert_allclose(weight, expected, rtol=1e-5, atol=1e-6)


def test_distilling_pulls_the_answers_to_the_float_network(
    tiny_regression, rounded, config, tuned, calibration, tmp_path
):
    teacher = rounded.folded.predict(calibration.crops, verbose=0)

    def distance(network):
        answers = network.predict(calibration.crops, verbose=0)
        return sum(np.square(answers[name] - teacher[name]).mean() for name in teacher)

    distilled = replace(config, distill=100.0)
    network = fine_tune(
        rounded.simulated, rounded.folded, tiny_regression.card, distilled, tmp_path
    )
    assert distance(network) < 0.5 * distance(tuned[1])


def test_labels_of_another_scheme_are_refused(tiny_regression, rounded, config, tmp_path):
    card = replace(tiny_regression.card, scheme="wflw-98")
    with pytest.raises(UsageError, match="landmarks of 300w-68, but tiny gives wflw-98"):
        fine_tune(rounded.simulated, rounded.folded, card, config, tmp_path)


def test_faces_are_shown_as_they_were_when_the_network_was_trained(
    tiny_regression, rounded, config, tmp_path, monkeypatch
):
    shown = AugmentConfig(mirror_shift=0.01, turn_deg=3.0)
    card = replace(tiny_regression.card, training={"config": {"augment": asdict(shown)}})
    seen = []

    def stop(method, data, training, run):
        seen.append(run.augment)
        raise TrainingError("seen enough")

    monkeypatch.setattr("quantize.fine_tune.augmented_batches", stop)
    with pytest.raises(TrainingError):
        fine_tune(rounded.simulated, rounded.folded, card, config, tmp_path)
    assert seen == [shown]
