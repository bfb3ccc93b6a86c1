import keras
import numpy as np
import pytest
from keras import layers

from train.training_loop.training_copy import FusedBatchNormalization, training_copy

MOMENTUM = 0.9


@pytest.fixture
def plain(rng):
    """A small network whose normalisation has seen something."""
    image = keras.Input((8, 8, 3), name="image")
    x = layers.Conv2D(4, 3, use_bias=False)(image)
    x = layers.BatchNormalization(name="norm")(x)
    model = keras.Model(image, layers.Conv2D(2, 1, name="head")(layers.ReLU(name="relu")(x)))
    model.set_weights([rng.uniform(0.3, 1.5, w.shape) for w in model.get_weights()])
    return model


@pytest.fixture
def images(rng):
    return rng.normal(0, 1, (6, 8, 8, 3)).astype(np.float32)


def call(model, images, training):
    return keras.ops.convert_to_numpy(model(images, training=training))


def test_inference_is_that_of_the_plain_network(plain, images):
    fused = training_copy(plain, norm_momentum=MOMENTUM)
    np.testing.assert_allclose(call(fused, images, False), call(plain, images, False), atol=1e-6)


def test_training_output_is_that_of_the_plain_network(plain, images):
    fused = training_copy(plain, norm_momentum=MOMENTUM)
    np.testing.assert_allclose(call(fused, images, True), call(plain, images, True), atol=1e-4)


def test_moving_statistics_follow_the_batch(plain, images):
    fused = training_copy(plain, norm_momentum=MOMENTUM)
    inner = keras.Model(fused.input, fused.layers[1].output)
    features = call(inner, images, False).reshape(-1, 4)
    norm = fused.get_layer("norm")
    _, _, mean, variance = norm.get_weights()
    call(fused, images, True)
    keep = MOMENTUM
    expected_mean = keep * mean + (1 - keep) * features.mean(axis=0)
    expected_variance = keep * variance + (1 - keep) * features.var(axis=0, ddof=1)
    np.testing.assert_allclose(norm.get_weights()[2], expected_mean, rtol=1e-4)
    np.testing.assert_allclose(norm.get_weights()[3], expected_variance, rtol=1e-4)


def test_trained_weights_go_back_into_the_plain_network(plain, images):
    fused = training_copy(plain, norm_momentum=MOMENTUM)
    fused.compile("sgd", loss="mse")
    fused.train_on_batch(images, np.zeros((6, 6, 6, 2), np.float32))
    assert not np.allclose(call(fused, images, False), call(plain, images, False))
    plain.set_weights(fused.get_weights())
    np.testing.assert_allclose(call(fused, images, False), call(plain, images, False), atol=1e-6)


def test_layers_are_swapped_in_the_copy_alone(plain):
    fused = training_copy(plain, norm_momentum=MOMENTUM)
    assert not isinstance(plain.get_layer("norm"), FusedBatchNormalization)
    kinds = [type(layer).__name__ for layer in plain.layers]
    assert kinds == ["InputLayer", "Conv2D", "BatchNormalization", "ReLU", "Conv2D"]
    if keras.backend.backend() == "tensorflow":
        assert isinstance(fused.get_layer("norm"), FusedBatchNormalization)


@pytest.mark.parametrize("size", [64, 72])
def test_copy_of_mobilenet_pads_alike_without_padding_layers(size, rng):
    """72 px make maps of odd sides on the way down, which are padded differently."""
    plain = keras.applications.MobileNetV2((size, size, 3), include_top=False, weights=None)
    copy = training_copy(plain, norm_momentum=MOMENTUM)
    assert not [layer for layer in copy.layers if isinstance(layer, layers.ZeroPadding2D)]
    images = rng.normal(0, 1, (2, size, size, 3)).astype(np.float32)
    np.testing.assert_allclose(call(copy, images, False), call(plain, images, False), atol=1e-5)


def test_padding_of_other_layers_is_kept(rng):
    x = keras.Input((9, 9, 3))
    plain = keras.Model(x, layers.Conv2D(2, 3, 2)(layers.ZeroPadding2D(1)(x)))
    copy = training_copy(plain, norm_momentum=MOMENTUM)
    images = rng.normal(0, 1, (2, 9, 9, 3)).astype(np.float32)
    np.testing.assert_allclose(call(copy, images, False), call(plain, images, False), atol=1e-6)


def test_mixed_precision_is_in_the_copy_alone(plain, images):
    copy = training_copy(plain, norm_momentum=MOMENTUM, precision="mixed_bfloat16")
    assert copy.get_layer("relu").compute_dtype == "bfloat16"
    assert copy.get_layer("head").compute_dtype == "float32"
    assert plain.get_layer("relu").compute_dtype == "float32"
    np.testing.assert_allclose(call(copy, images, True), call(plain, images, True), atol=0.1)
