import keras
import numpy as np
import pytest
from keras import layers

from train.fused_norm import MOVING_MOMENTUM, FusedBatchNormalization, with_fused_norm


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
    fused = with_fused_norm(plain)
    np.testing.assert_allclose(call(fused, images, False), call(plain, images, False), atol=1e-6)


def test_training_output_is_that_of_the_plain_network(plain, images):
    fused = with_fused_norm(plain)
    np.testing.assert_allclose(call(fused, images, True), call(plain, images, True), atol=1e-4)


def test_moving_statistics_follow_the_batch(plain, images):
    fused = with_fused_norm(plain)
    inner = keras.Model(fused.input, fused.layers[1].output)
    features = call(inner, images, False).reshape(-1, 4)
    norm = fused.get_layer("norm")
    _, _, mean, variance = norm.get_weights()
    call(fused, images, True)
    keep = MOVING_MOMENTUM
    expected_mean = keep * mean + (1 - keep) * features.mean(axis=0)
    expected_variance = keep * variance + (1 - keep) * features.var(axis=0, ddof=1)
    np.testing.assert_allclose(norm.get_weights()[2], expected_mean, rtol=1e-4)
    np.testing.assert_allclose(norm.get_weights()[3], expected_variance, rtol=1e-4)


def test_trained_weights_go_back_into_the_plain_network(plain, images):
    fused = with_fused_norm(plain)
    fused.compile("sgd", loss="mse")
    fused.train_on_batch(images, np.zeros((6, 6, 6, 2), np.float32))
    assert not np.allclose(call(fused, images, False), call(plain, images, False))
    plain.set_weights(fused.get_weights())
    np.testing.assert_allclose(call(fused, images, False), call(plain, images, False), atol=1e-6)


def test_layers_are_swapped_in_the_copy_alone(plain):
    fused = with_fused_norm(plain)
    assert not isinstance(plain.get_layer("norm"), FusedBatchNormalization)
    kinds = [type(layer).__name__ for layer in plain.layers]
    assert kinds == ["InputLayer", "Conv2D", "BatchNormalization", "ReLU", "Conv2D"]
    if keras.backend.backend() == "tensorflow":
        assert isinstance(fused.get_layer("norm"), FusedBatchNormalization)
