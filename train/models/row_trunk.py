"""MobileNetV2 with another beginning, so that INT8 pays from the first operation on.

MobileNetV2 begins with many pixels of few channels: at 128 px its first four operations, of 3 to 96
channels at 64 x 64 places, take 40 % of an INT8 inference (docs/experiments.md, E11), because
kernels that multiply many bytes at once run half empty. Here four neighbouring pixels of a row, 12
bytes that lie side by side, are read as 12 channels, which is a reshape and moves nothing. One
convolution of 8 rows x 12 columns with stride 4 takes them to a quarter of the side at once; its
windows overlap, unlike the patches of a vision transformer.

From block 2 on, layers have the names and shapes of ``keras.applications.MobileNetV2`` (Sandler et
al. 2018), so that weights of either fit the other.
"""

from __future__ import annotations

import keras
from keras import layers

PIXELS_TOGETHER = 4  # of a row, and the stride of the first convolution
STEM_KERNEL = (8, 3)  # rows x groups of pixels: 8 x 12 pixels
STEM_CHANNELS = 32
EXPANSION = 6
BLOCKS = (  # (number, channels, stride of the depthwise convolution), Sandler et al., table 2
    *((2, 24, 1), (3, 32, 2), (4, 32, 1), (5, 32, 1)),
    *((6, 64, 2), (7, 64, 1), (8, 64, 1), (9, 64, 1)),
    *((10, 96, 1), (11, 96, 1), (12, 96, 1)),
)


def row_trunk(scaled: keras.KerasTensor, width: float = 1.0) -> keras.Model:
    """Return the trunk up to block 12, of stride 16, for its layers by name.

    Args:
        scaled: float (B, S, S, 3), S a multiple of 32.
        width: multiplies the channels of all blocks.
    """
    side = scaled.shape[1]
    groups = side // PIXELS_TOGETHER
    x = layers.Reshape((side, groups, 3 * PIXELS_TOGETHER), name="rows")(scaled)
    stem = layers.Conv2D(
        _scaled(STEM_CHANNELS, width),
        STEM_KERNEL,
        strides=(PIXELS_TOGETHER, 1),
        padding="same",
        use_bias=False,
        name="stem",
    )
    x = layers.ReLU(6.0, name="stem_relu")(layers.BatchNormalization(name="stem_BN")(stem(x)))
    # stands where MobileNetV2 has the end of block 1
    x = conv_bn(x, _scaled(24, width), "block_1_project", activate=False)
    for number, channels, stride in BLOCKS:
        x = _inverted_residual(x, _scaled(channels, width), stride, f"block_{number}")
    return keras.Model(scaled, x, name="row_trunk")


def conv_bn(x: keras.KerasTensor, channels: int, name: str, *, activate: bool) -> keras.KerasTensor:
    """Return a 1 x 1 convolution with its normalisation, with or without ReLU6."""
    x = layers.Conv2D(channels, 1, use_bias=False, name=name)(x)
    x = layers.BatchNormalization(name=f"{name}_BN")(x)
    return layers.ReLU(6.0, name=f"{name}_relu")(x) if activate else x


def depthwise_bn(x: keras.KerasTensor, name: str, *, stride: int = 1) -> keras.KerasTensor:
    """Return a 3 x 3 depthwise convolution with its normalisation and ReLU6."""
    x = layers.DepthwiseConv2D(3, stride, padding="same", use_bias=False, name=name)(x)
    x = layers.BatchNormalization(name=f"{name}_BN")(x)
    return layers.ReLU(6.0, name=f"{name}_relu")(x)


def _inverted_residual(
    x: keras.KerasTensor, channels: int, stride: int, name: str
) -> keras.KerasTensor:
    before = x
    x = conv_bn(x, EXPANSION * before.shape[-1], f"{name}_expand", activate=True)
    x = depthwise_bn(x, f"{name}_depthwise", stride=stride)
    x = conv_bn(x, channels, f"{name}_project", activate=False)
    if stride == 1 and before.shape[-1] == channels:
        return layers.Add(name=f"{name}_add")([before, x])
    return x


def _scaled(channels: int, width: float) -> int:
    """Return the channels at a width: whole eights, and no more than a tenth below it."""
    wanted = channels * width
    rounded = max(8, int(wanted + 4) // 8 * 8)
    return rounded + 8 if rounded < 0.9 * wanted else rounded
