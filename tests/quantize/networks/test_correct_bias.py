from __future__ import annotations

from pathlib import Path

import keras
import numpy as np
import pytest
from keras import layers

from landmarks.errors import QuantizationError
from quantize.calibrate import CalibrationSet, observe
from quantize.networks.correct_bias import correct_biases
from quantize.networks.simulate import simulate_int8
from quantize.networks.steps import steps_of
from quantize.ranges import estimate
from train.models.backbones import pixels

SIDE = 16
KERNELS = ("full", "depthwise", "project", "outer", "points")


def network() -> keras.Model:
    """A folded network of every kind of kernel with a rounded form, and a sum."""
    keras.utils.set_random_seed(7)
    image, x = pixels(SIDE)
    x = layers.Conv2D(8, 3, 2, padding="same", name="full")(x)
    x = layers.ReLU(6.0, name="full_relu")(x)
    x = layers.DepthwiseConv2D(3, padding="same", name="depthwise")(x)
    x = layers.ReLU(6.0, name="depthwise_relu")(x)
    x = shortcut = layers.Conv2D(6, 1, name="project")(x)
    x = layers.Conv2D(6, 3, padding="same", name="outer")(x)
    x = layers.Add(name="add")([x, shortcut])
    x = layers.GlobalAveragePooling2D(name="pool")(x)
    model = keras.Model(image, {"points": layers.Dense(4, name="points")(x)})
    rng = np.random.default_rng(7)
    for layer in model.layers:  # heavy tails: most weights of a channel are near a rounding step
        layer.set_weights([0.1 * rng.standard_t(2, w.shape) for w in layer.get_weights()])
    return model


@pytest.fixture(scope="module")
def crops():
    return np.random.default_rng(7).integers(90, 256, (16, SIDE, SIDE, 3), dtype=np.uint8)


@pytest.fixture(scope="module")
def ranges(crops):
    folded = network()
    seen = observe(folded, steps_of(folded), CalibrationSet(crops, len(crops), "", Path()))
    return {name: estimate(histogram, "minmax") for name, histogram in seen.items()}


def kernel_means(model, crops):
    """Mean of each channel of each kernel's own output, by layer."""
    watched = keras.Model(model.input, {name: model.get_layer(name).output for name in KERNELS})
    seen = watched.predict_on_batch(crops)
    return {name: v.mean(axis=tuple(range(v.ndim - 1))) for name, v in seen.items()}


def test_rounded_kernels_get_the_means_of_the_float_network(ranges, crops):
    folded = network()
    steps = steps_of(folded)
    corrected = correct_biases(folded, ranges, steps, crops)
    exact = kernel_means(folded, crops)
    before = kernel_means(simulate_int8(folded, ranges, steps), crops)
    after = kernel_means(simulate_int8(corrected, ranges, steps), crops)
    for name in KERNELS:
        shift_before = np.abs(before[name] - exact[name]).max()
        shift_after = np.abs(after[name] - exact[name]).max()
        assert shift_after < 0.02 * shift_before, name


def test_nothing_but_the_biases_changes(ranges, crops):
    folded = network()
    given = folded.get_weights()
    corrected = correct_biases(folded, ranges, steps_of(folded), crops)
    for name in KERNELS:
        (kernel, bias), (new_kernel, new_bias) = (
            model.get_layer(name).get_weights() for model in (folded, corrected)
        )
        np.testing.assert_array_equal(new_kernel, kernel)
        assert np.abs(new_bias - bias).max() > 0
    for weights, weights_given in zip(folded.get_weights(), given, strict=True):
        np.testing.assert_array_equal(weights, weights_given)


def test_steps_that_stay_float_keep_their_biases(ranges, crops):
    folded = network()
    rounded = [step for step in steps_of(folded) if step.kernel == "depthwise"]
    corrected = correct_biases(folded, ranges, rounded, crops)
    changed = {
        name
        for name in KERNELS
        if (corrected.get_layer(name).bias != folded.get_layer(name).bias).numpy().any()
    }
    assert changed == {"depthwise"}


def test_a_kernel_with_its_own_activation_is_refused(crops):
    image, x = pixels(SIDE)
    x = layers.Conv2D(4, 3, activation="relu", name="bent")(x)
    folded = keras.Model(image, {"points": x})
    with pytest.raises(QuantizationError, match="bent.*'relu'"):
        correct_biases(folded, {}, steps_of(folded), crops)
