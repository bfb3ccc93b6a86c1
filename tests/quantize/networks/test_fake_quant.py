from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from landmarks.errors import QuantizationError
from quantize.networks.fake_quant import FakeQuant, rounded


def test_a_tensor_is_rounded_to_256_steps_that_hold_zero():
    values = np.linspace(-3, 3, 2001).astype(np.float32)
    result = np.asarray(FakeQuant(-0.7, 1.3)(values))
    steps = np.unique(result)
    assert len(steps) == 256
    assert 0.0 in steps
    np.testing.assert_allclose(np.diff(steps), 2.0 / 255, rtol=1e-3)
    inside = (values > -0.69) & (values < 1.29)
    assert np.abs(result - values)[inside].max() <= 1.0 / 255 + 1e-6


@pytest.mark.parametrize("ends", [(0.5, 2.0), (-2.0, -0.5), (0.0, 0.0)])
def test_a_range_is_widened_to_hold_zero(ends):
    low, high = FakeQuant(*ends).range()
    assert float(low) <= 0 <= float(high)
    assert float(low) < float(high)


def test_values_beyond_a_range_pull_its_end():
    layer = FakeQuant(-1.0, 1.0)
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(layer(tf.constant([0.5, 4.0, 5.0])))
    low, high = tape.gradient(loss, [layer.low.value, layer.high.value])
    assert float(high) == 2.0
    assert low is None or float(low) == 0.0


def test_a_frozen_range_no_longer_follows_its_weights():
    layer = FakeQuant(-1.0, 1.0)
    layer.freeze()
    layer.high.assign(9.0)
    assert float(layer(np.float32([5.0]))[0]) == pytest.approx(1.0, abs=0.01)
    layer.freeze()  # again: nothing changes
    assert float(layer.range()[1]) == 1.0


@pytest.mark.parametrize(
    ("layer", "channels"),
    [
        (layers.Conv2D(5, 3, strides=2, padding="same", name="a"), 5),
        (layers.DepthwiseConv2D(3, padding="same", name="b"), 4),
    ],
)
def test_each_channel_of_a_convolution_has_its_own_scale(layer, channels, rng):
    images = rng.normal(size=(2, 8, 8, 4)).astype(np.float32)
    layer(images)
    kernel = rng.normal(size=layer.kernel.shape).astype(np.float32)
    flat = kernel.reshape(-1, channels) if channels == 5 else kernel.reshape(-1, 4)
    flat *= 10.0 ** np.arange(channels)  # one scale for all would round the first channel away
    layer.set_weights([kernel, np.ones(channels, np.float32)])
    copy = rounded(layer)
    copy(images)
    copy.set_weights(layer.get_weights())
    steps = np.abs(flat).max(axis=0) / 127
    layer.set_weights(
        [
            np.round(flat / steps).clip(-127, 127).reshape(kernel.shape)
            * steps.reshape((-1, 1) if channels == 4 else (1, -1)),
            np.ones(channels),
        ]
    )
    np.testing.assert_allclose(copy(images), layer(images), rtol=1e-4, atol=1e-4)


def test_a_dense_kernel_has_one_scale(rng):
    layer = layers.Dense(3)
    values = rng.normal(size=(2, 4)).astype(np.float32)
    layer(values)
    copy = rounded(layer)
    copy(values)
    kernel = np.asarray(layer.kernel)
    step = np.abs(kernel).max() / 127
    copy.set_weights(layer.get_weights())
    expected = values @ (np.round(kernel / step) * step) + np.asarray(layer.bias)
    np.testing.assert_allclose(copy(values), expected, atol=1e-5)


def test_a_layer_without_a_rounded_form_is_refused():
    with pytest.raises(QuantizationError, match="line: a Conv1D cannot be quantized"):
        rounded(layers.Conv1D(3, 2, name="line"))


def test_layers_survive_saving(tmp_path, rng):
    image = keras.Input((4, 4, 2))
    layer = rounded(layers.Conv2D(3, 1, name="conv"))
    model = keras.Model(image, FakeQuant(-2.0, 2.5, name="rounded")(layer(image)))
    model.get_layer("rounded").freeze()
    model.save(tmp_path / "model.keras")
    again = keras.models.load_model(tmp_path / "model.keras")
    images = rng.normal(size=(1, 4, 4, 2)).astype(np.float32)
    np.testing.assert_array_equal(again(images), model(images))
