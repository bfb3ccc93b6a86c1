"""The trunks: what turns pixels into a feature map of stride 32.

Every network takes RGB uint8 and scales it inside to (pixel - 128) / 128, which an INT8 file does
by reading the byte as signed. ImageNet weights were made for other scalings; those of the ResNets
are folded into their first convolution when they are loaded.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, get_args

import keras
import numpy as np
from keras import layers

from landmarks.errors import TrainingError
from train.models.resnet import resnet18_features
from train.models.resnet18_imagenet import load_imagenet_weights
from train.settings.network import Backbone

# Mean of each channel, B, G, R, that Keras's ResNet weights expect to be subtracted from 0 to 255.
IMAGENET_MEAN_BGR = np.array([103.939, 116.779, 123.68], np.float32)
SCALE = 128.0
SCALING_LAYER = "scale_pixels"


def pixels(size: int) -> tuple[keras.KerasTensor, keras.KerasTensor]:
    """Return an input, uint8 (B, size, size, 3) RGB, and the same scaled to -1 to 1."""
    image = keras.Input((size, size, 3), dtype="uint8", name="image")
    return image, layers.Rescaling(1 / SCALE, offset=-1.0, name=SCALING_LAYER)(image)


def backbone_features(
    backbone: Backbone, scaled: keras.KerasTensor, weights: str | None = None
) -> keras.KerasTensor:
    """Return the last feature map of a trunk, of stride 32.

    Args:
        backbone: ``"r18"`` (512 channels), ``"r50"``, ``"r101"`` (2048), ``"mnv2"`` (1280) or
            ``"mnv3"`` (960).
        scaled: float (B, S, S, 3), as ``pixels`` gives it.
        weights: ``"imagenet"``, or None for random ones.

    Raises:
        TrainingError: the weights do not exist or cannot be downloaded.
    """
    if backbone == "r18":
        features = resnet18_features(scaled)
        if weights is not None:
            image = keras.utils.get_source_inputs(features)
            load_imagenet_weights(keras.Model(image, features))
        return features
    if backbone == "mnv2":
        return mobilenet_v2(scaled, weights=weights).output
    applications = keras.applications
    if backbone == "mnv3":
        return load(
            applications.MobileNetV3Large,
            weights,
            input_tensor=scaled,
            include_top=False,
            include_preprocessing=False,
        ).output
    if backbone not in get_args(Backbone):
        raise ValueError(f"backbone must be one of {get_args(Backbone)}, received {backbone!r}")
    build = applications.ResNet50 if backbone == "r50" else applications.ResNet101
    trunk = load(build, weights, input_tensor=scaled, include_top=False)
    if weights is not None:
        fold_imagenet_scaling(trunk.get_layer("conv1_conv"))
    return trunk.output


def mobilenet_v2(
    scaled: keras.KerasTensor, *, width: float = 1.0, weights: str | None = None
) -> keras.Model:
    """Return MobileNetV2 (Sandler et al. 2018) without its classifier, for its layers by name."""
    return load(
        keras.applications.MobileNetV2,
        weights,
        input_tensor=scaled,
        alpha=width,
        include_top=False,
    )


def load(build: Callable[..., keras.Model], weights: str | None, **how: Any) -> keras.Model:
    """Build a Keras application; say in one line why its weights cannot be had.

    Raises:
        TrainingError: unknown weights, or they cannot be downloaded.
    """
    if weights not in (None, "imagenet"):
        raise TrainingError(f"--weights is 'imagenet' or absent, received {weights!r}")
    try:
        return build(weights=weights, **how)
    except Exception as error:  # Keras raises just that for a download that failed
        if weights is None:
            raise
        reason = str(error).splitlines()[0]
        raise TrainingError(
            f"the ImageNet weights of {build.__name__} cannot be downloaded ({reason}): connect "
            "this machine once, copy ~/.keras/models from another one, or leave out --weights"
        ) from error


def fold_imagenet_scaling(convolution: keras.layers.Conv2D) -> None:
    """Make a first convolution trained on BGR - mean take RGB scaled to (pixel - 128) / 128.

    With x the scaled pixel, W (128 (x + 1) - mean) + b = (128 W) x + (b + W (128 - mean)).
    """
    kernel, bias = (np.asarray(value) for value in convolution.get_weights())
    constant = (kernel * (SCALE - IMAGENET_MEAN_BGR)[:, None]).sum(axis=(0, 1, 2))
    convolution.set_weights([SCALE * kernel[:, :, ::-1], bias + constant])
