"""PIPNet (Jin, Liao and Shao, IJCV 2021): pixel-in-pixel regression on the last map of a trunk.

The trunk's own stride is 32. A larger one takes one or two 3 x 3 convolutions of stride 2, and 16 a
transposed 4 x 4 convolution, 512 channels each, with batch normalisation and ReLU, as in the
released ``networks.py`` (which does so for ResNet-18 only; here the head always fits the map).
"""

from __future__ import annotations

from dataclasses import dataclass

import keras
from keras import layers

from train.models.backbones import backbone_features, pixels
from train.models.pip_head import pip_head
from train.settings.network import PIPNET_STRIDES, Backbone

TRUNK_STRIDE = 32
EXTRA_CHANNELS = 512


@dataclass(frozen=True)
class PipnetConfig:
    """Size of a PIPNet.

    Attributes:
        backbone: the trunk.
        n_points: L, landmarks.
        size: side of the input in pixels, a multiple of the stride.
        k: K, neighbours of each landmark; 0 for none.
        stride: pixels of the input to a cell of the maps: 16, 32, 64 or 128.
        weights: ``"imagenet"`` or None.
    """

    backbone: Backbone = "r18"
    n_points: int = 68
    size: int = 256
    k: int = 10
    stride: int = 32
    weights: str | None = None

    @property
    def grid(self) -> int:
        """Cells along a side of the maps."""
        return self.size // self.stride


def build_pipnet(config: PipnetConfig) -> keras.Model:
    """Build the network: uint8 (B, size, size, 3) to the maps of ``pip_head``.

    Raises:
        ValueError: the stride is none of ``PIPNET_STRIDES`` or does not divide the size.
    """
    if config.stride not in PIPNET_STRIDES or config.size % max(config.stride, TRUNK_STRIDE):
        raise ValueError(
            f"expected a stride of {PIPNET_STRIDES} that divides the size, received stride "
            f"{config.stride} and size {config.size}"
        )
    image, scaled = pixels(config.size)
    x = backbone_features(config.backbone, scaled, config.weights)
    if config.stride < TRUNK_STRIDE:
        x = layers.Conv2DTranspose(
            EXTRA_CHANNELS, 4, 2, padding="same", use_bias=False, name="finer"
        )(x)
        x = _bn_relu(x, "finer")
    stride = TRUNK_STRIDE
    while stride < config.stride:
        stride *= 2
        name = f"coarser_{stride}"
        x = layers.Conv2D(EXTRA_CHANNELS, 3, 2, padding="same", use_bias=False, name=name)(x)
        x = _bn_relu(x, name)
    return keras.Model(
        image, pip_head(x, config.n_points, config.k), name=f"pipnet_{config.backbone}"
    )


def _bn_relu(x: keras.KerasTensor, name: str) -> keras.KerasTensor:
    return layers.ReLU(name=f"{name}_relu")(layers.BatchNormalization(name=f"{name}_BN")(x))
