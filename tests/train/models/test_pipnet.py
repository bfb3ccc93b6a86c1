import sys

import keras
import numpy as np
import pytest

from landmarks.errors import TrainingError
from train.models import backbones
from train.models.backbones import fold_imagenet_scaling
from train.models.pipnet import PipnetConfig, build_pipnet

HEAD = ("score", "offsets", "neighbours")


def published_count(network):
    """Trainable parameters, without biases that a batch normalisation makes idle.

    The published networks are built without these; Keras's ResNets have them.
    """
    idle = [
        layer.bias.shape[0]
        for layer in network.layers
        if isinstance(layer, keras.layers.Conv2D) and layer.use_bias and layer.name not in HEAD
        if layer.name.endswith("conv")
    ]
    trainable = sum(int(np.prod(weight.shape)) for weight in network.trainable_weights)
    return trainable - sum(idle)


@pytest.mark.parametrize(
    ("backbone", "n_points", "millions"),
    [
        ("r18", 68, 11.98),
        ("r18", 98, 12.33),
        ("r50", 68, 26.71),
        ("r101", 68, 45.70),
        ("mnv2", 68, 4.23),
        ("mnv2", 98, 5.11),
        ("mnv3", 98, 5.14),
    ],
)
def test_size_is_that_published(backbone, n_points, millions):
    network = build_pipnet(PipnetConfig(backbone, n_points))
    assert published_count(network) / 1e6 == pytest.approx(millions, abs=0.006)
    assert network.output["score"].shape == (None, 8, 8, n_points)


@pytest.mark.parametrize(("stride", "grid"), [(16, 16), (32, 8), (64, 4), (128, 2)])
@pytest.mark.parametrize("backbone", ["r18", "mnv2"])
def test_stride_decides_the_grid(backbone, stride, grid):
    config = PipnetConfig(backbone, n_points=5, k=2, stride=stride)
    assert config.grid == grid
    shapes = {name: tensor.shape[1:] for name, tensor in build_pipnet(config).output.items()}
    assert shapes == {
        "score": (grid, grid, 5),
        "offsets": (grid, grid, 10),
        "neighbours": (grid, grid, 20),
    }


@pytest.mark.parametrize(("stride", "size"), [(8, 256), (64, 224), (32, 100)])
def test_stride_that_does_not_fit_is_refused(stride, size):
    with pytest.raises(ValueError, match="stride"):
        build_pipnet(PipnetConfig(stride=stride, size=size))


def test_head_without_neighbours_has_two_maps():
    assert list(build_pipnet(PipnetConfig("mnv2", k=0)).output) == ["score", "offsets"]


def test_maps_start_near_zero():
    network = build_pipnet(PipnetConfig("mnv2", size=64))
    noise = np.random.default_rng(1).integers(0, 256, (1, 64, 64, 3), np.uint8)
    score = keras.ops.convert_to_numpy(network(noise)["score"])
    assert 0 < np.abs(score).max() < 0.2


def test_imagenet_weights_of_resnet18_need_keras_hub(monkeypatch):
    monkeypatch.setitem(sys.modules, "keras_hub", None)  # as where it is not installed
    with pytest.raises(TrainingError, match="pip install keras-hub, or leave out --weights"):
        build_pipnet(PipnetConfig("r18", weights="imagenet"))


def test_weights_that_cannot_be_downloaded_are_one_clear_line(monkeypatch):
    def offline(**how):
        raise Exception("URL fetch failure on https://example.org: no route\nlong trace")

    offline.__name__ = "MobileNetV2"
    monkeypatch.setattr(backbones.keras.applications, "MobileNetV2", offline)
    with pytest.raises(TrainingError, match="cannot be downloaded") as caught:
        build_pipnet(PipnetConfig("mnv2", weights="imagenet"))
    assert "\n" not in str(caught.value)


def test_imagenet_scaling_is_folded_into_the_first_convolution(rng):
    """BGR minus mean, as Keras's ResNets want it, against our own scaling of RGB."""
    picture = rng.integers(0, 256, (1, 9, 9, 3)).astype(np.float32)
    convolution = keras.layers.Conv2D(4, 3)
    theirs = convolution(picture[..., ::-1] - backbones.IMAGENET_MEAN_BGR)
    fold_imagenet_scaling(convolution)
    ours = convolution(picture / 128 - 1)
    np.testing.assert_allclose(
        keras.ops.convert_to_numpy(ours), keras.ops.convert_to_numpy(theirs), atol=2e-3
    )
