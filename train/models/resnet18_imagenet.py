"""ImageNet weights for our ResNet-18: keras-hub's, taken layer by layer.

``keras.applications`` begin at ResNet-50. keras-hub has ResNet-18, and brings tokenizers and
TensorFlow Text along, so it is no dependency: who wants these weights installs it.
"""

from __future__ import annotations

import keras
import numpy as np

from landmarks.errors import TrainingError

PRESET = "resnet_18_imagenet"
# Of RGB from 0 to 1, which the weights expect to be (value - mean) / deviation.
MEAN = np.array([0.485, 0.456, 0.406], np.float32)
DEVIATION = np.array([0.229, 0.224, 0.225], np.float32)
SCALE = 128.0  # our pixels are (value - 128) / 128


def load_imagenet_weights(network: keras.Model) -> None:
    """Put keras-hub's ImageNet weights into a network of ``resnet18_features`` alone.

    Raises:
        TrainingError: keras-hub is not installed, or the weights cannot be downloaded.
    """
    otherwise = "or leave out --weights, or take pipnet-r50, -r101, -mnv2 or -mnv3"
    try:
        from keras_hub.models import ResNetBackbone
    except ImportError as error:
        raise TrainingError(
            "Keras has no ImageNet weights of ResNet-18, keras-hub has "
            f"({str(error).splitlines()[0]}): pip install keras-hub, {otherwise}"
        ) from None
    try:
        source = ResNetBackbone.from_preset(PRESET)
    except Exception as error:  # whatever its downloader raises
        raise TrainingError(
            f"the ImageNet weights of ResNet-18 cannot be downloaded "
            f"({str(error).splitlines()[0]}): connect this machine once, {otherwise}"
        ) from error
    take_keras_hub_weights(network, source)


def take_keras_hub_weights(network: keras.Model, source: keras.Model) -> None:
    """Copy the weights of keras-hub's ResNet-18, and fold its scaling of pixels into the stem.

    With x our scaled pixel, its input is (128 (x + 1) / 255 - mean) / deviation: a factor for the
    first kernel, and a constant that the normalisation behind it takes off again.
    """
    for layer in network.layers:
        if layer.weights:
            layer.set_weights(source.get_layer(_name_there(layer.name)).get_weights())
    convolution, norm = network.get_layer("stem_conv"), network.get_layer("stem_BN")
    (kernel,) = convolution.get_weights()
    constant = (kernel * ((SCALE / 255 - MEAN) / DEVIATION)[:, None]).sum(axis=(0, 1, 2))
    convolution.set_weights([kernel * (SCALE / 255 / DEVIATION)[:, None]])
    gamma, beta, mean, variance = norm.get_weights()
    norm.set_weights([gamma, beta, mean - constant, variance])


def _name_there(name: str) -> str:
    """Return what keras-hub calls a layer, e.g. stack0_block1_2_bn for stage1_block1_2_BN."""
    name = name.replace("_BN", "_bn").replace("_shortcut_", "_0_").replace("stem_", "conv1_")
    if name.startswith("stage"):
        stage, rest = name.removeprefix("stage").split("_", 1)
        return f"stack{int(stage) - 1}_{rest}"
    return name
