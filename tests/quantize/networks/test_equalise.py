from __future__ import annotations

import keras
import numpy as np
import pytest
from keras import layers

from quantize.networks.equalise import equalise, pairs_of

SIDE = 12


@pytest.fixture
def images(rng):
    return rng.normal(0, 1, (4, SIDE, SIDE, 3)).astype(np.float32)


def network(cap: float | None = None) -> keras.Model:
    """Full, depthwise and 1 x 1 kernels in a chain, a residual block, a dense head."""
    keras.utils.set_random_seed(5)
    image = keras.Input((SIDE, SIDE, 3))
    x = layers.Conv2D(8, 3, 2, padding="same", name="full")(image)
    x = layers.ReLU(cap, name="full_relu")(x)
    x = layers.DepthwiseConv2D(3, padding="same", name="depthwise")(x)
    x = layers.ReLU(cap, name="depthwise_relu")(x)
    x = shortcut = layers.Conv2D(6, 1, name="project")(x)
    x = layers.Conv2D(8, 1, name="inner")(x)
    x = layers.ReLU(cap, name="inner_relu")(x)
    x = layers.Conv2D(6, 3, padding="same", name="outer")(x)
    x = layers.Add(name="add")([x, shortcut])
    x = layers.ReLU(cap, name="add_relu")(x)
    x = layers.Flatten(name="flat")(x)
    x = layers.Dense(5, name="dense")(x)
    x = layers.Activation("relu", name="dense_relu")(x)
    model = keras.Model(image, {"points": layers.Dense(4, name="points")(x)})
    rng = np.random.default_rng(5)
    for layer in model.layers:
        layer.set_weights([rng.normal(0, 0.4, w.shape) for w in layer.get_weights()])
    return model


def rescale(model: keras.Model, factors) -> None:
    """Scale the channels between "full" and "depthwise"; the outputs stay."""
    full, depthwise = model.get_layer("full"), model.get_layer("depthwise")
    full.set_weights([w * factors for w in full.get_weights()])
    kernel, bias = depthwise.get_weights()
    depthwise.set_weights([kernel / factors[:, None], bias])


def channel_ranges(model: keras.Model, name: str, axis: int) -> np.ndarray:
    kernel = np.moveaxis(model.get_layer(name).get_weights()[0], axis, 0)
    return np.abs(kernel).max(axis=(1, 2, 3))


def test_the_outputs_stay_with_plain_relus(images):
    model = network()
    rescale(model, np.logspace(-2, 2, 8))
    before = model(images)["points"]
    after = equalise(model)(images)["points"]
    np.testing.assert_allclose(after, before, rtol=1e-4, atol=1e-4 * np.abs(before).max())


def test_kernels_around_a_depthwise_one_get_the_same_channel_ranges():
    equalised = equalise(network())
    middle = channel_ranges(equalised, "depthwise", 2)
    np.testing.assert_allclose(channel_ranges(equalised, "full", 3), middle, rtol=2e-3)
    np.testing.assert_allclose(channel_ranges(equalised, "project", 2), middle, rtol=2e-3)


def test_dense_kernels_are_paired():
    equalised = equalise(network())
    first, second = (equalised.get_layer(name).get_weights()[0] for name in ("dense", "points"))
    np.testing.assert_allclose(np.abs(first).max(0), np.abs(second).max(1), rtol=2e-3)


def test_planted_scales_are_undone():
    plain, planted = network(), network()
    rescale(planted, np.logspace(-2, 2, 8))
    ranges = channel_ranges(planted, "full", 3)
    assert ranges.max() / ranges.min() > 1e3
    expected = channel_ranges(equalise(plain), "full", 3)
    np.testing.assert_allclose(channel_ranges(equalise(planted), "full", 3), expected, rtol=1e-2)
    assert expected.max() / expected.min() < 5


def test_what_a_residual_reads_is_left_alone():
    model = network()
    equalised = equalise(model)
    between = {(pair.first, pair.second) for pair in pairs_of(model)}
    assert between == {
        ("full", "depthwise"),
        ("depthwise", "project"),
        ("inner", "outer"),
        ("dense", "points"),
    }
    # both ends of the tensor that the sum reads, too: output channels of one, input of the other
    np.testing.assert_array_equal(
        equalised.get_layer("project").get_weights()[1], model.get_layer("project").get_weights()[1]
    )
    np.testing.assert_array_equal(
        equalised.get_layer("outer").get_weights()[1], model.get_layer("outer").get_weights()[1]
    )


def test_an_output_of_the_network_is_left_alone(images):
    image = keras.Input((SIDE, SIDE, 3))
    first = layers.Conv2D(4, 1, name="first")(image)
    second = layers.Conv2D(4, 1, name="second")(layers.ReLU(name="relu")(first))
    model = keras.Model(image, {"first": first, "second": second})
    assert not pairs_of(model)
    np.testing.assert_array_equal(equalise(model)(images)["first"], model(images)["first"])


def test_grouped_kernels_and_multiplied_channels_are_left_alone():
    image = keras.Input((SIDE, SIDE, 4))
    x = layers.Conv2D(4, 1, name="plain")(image)
    x = layers.Conv2D(4, 1, groups=2, name="grouped")(x)
    x = layers.DepthwiseConv2D(3, depth_multiplier=2, name="multiplied")(x)
    x = layers.Conv2D(4, 1, name="last")(x)
    assert not pairs_of(keras.Model(image, x))


def test_a_dead_channel_does_not_spoil_the_others(images):
    model = network()
    kernel, bias = model.get_layer("full").get_weights()
    kernel[..., 0], kernel[..., 1] = 0.0, 1e-9 * kernel[..., 1]
    model.get_layer("full").set_weights([kernel, bias])
    equalised = equalise(model)
    assert np.abs(equalised.get_layer("full").get_weights()[1]).max() < 100 * np.abs(bias).max()
    before = model(images)["points"]
    after = equalised(images)["points"]
    np.testing.assert_allclose(after, before, rtol=1e-4, atol=1e-4 * np.abs(before).max())


def test_only_caps_between_pairs_are_lifted():
    equalised = equalise(network(cap=6.0))
    caps = {
        layer.name: layer.max_value for layer in equalised.layers if isinstance(layer, layers.ReLU)
    }
    assert caps == {"full_relu": None, "depthwise_relu": None, "inner_relu": None, "add_relu": 6.0}


def test_the_given_network_stays_as_it_is(images):
    model = network(cap=6.0)
    before = np.array(model(images)["points"])
    equalise(model)
    np.testing.assert_array_equal(model(images)["points"], before)
