"""``asmpip``'s own trunk: made so that INT8 pays from the first operation on.

MobileNetV2 begins with many pixels of few channels: at 128 px its first four operations, of 3 to 96
channels at 64 x 64 places, take 40 % of an INT8 inference (docs/experiments.md, E11), because
kernels that multiply 4 to 64 bytes at once run half empty. Here four neighbouring pixels of a row,
12 bytes that lie side by side, are read as 12 channels, which is a reshape and moves nothing. One
convolution of 8 rows x 12 columns with stride 4 takes them to 32 x 32 places at once; its windows
overlap, unlike the patches of a vision transformer. Inverted residuals (MobileNetV2, Sandler et al.
2018) follow, with a small expansion where places are many.
"""

from __future__ import annotations

from dataclasses import dataclass

import keras
from keras import layers

PIXELS_TOGETHER = 4  # of a row, and the stride of the first convolution
STEM_KERNEL = (8, 3)  # rows x groups of pixels: 8 x 12 pixels
STEM_CHANNELS, STEM_REDUCED = 32, 24


@dataclass(frozen=True)
class Stage:
    """Inverted residuals of one resolution.

    Attributes:
        expansion: of the channels inside a block.
        channels: out of each block, before the width multiplier.
        blocks: how many.
        stride: of the first block.
    """

    expansion: int
    channels: int
    blocks: int
    stride: int


STAGES = (Stage(3, 24, 1, 1), Stage(4, 40, 3, 2), Stage(6, 80, 4, 2), Stage(6, 112, 3, 1))


def row_trunk(scaled: keras.KerasTensor, width: float = 1.0) -> list[keras.KerasTensor]:
    """Return the outputs of the stem and of each stage; the last is of stride 16.

    Args:
        scaled: float (B, S, S, 3), S a multiple of 32.
        width: multiplies the channels of the stages.
    """
    side = scaled.shape[1]
    groups = side // PIXELS_TOGETHER
    x = layers.Reshape((side, groups, 3 * PIXELS_TOGETHER), name="rows")(scaled)
    stem = layers.Conv2D(
        STEM_CHANNELS,
        STEM_KERNEL,
        strides=(PIXELS_TOGETHER, 1),
        padding="same",
        use_bias=False,
        name="stem",
    )
    x = layers.ReLU(6.0, name="stem_relu")(layers.BatchNormalization(name="stem_BN")(stem(x)))
    x = conv_bn(x, STEM_REDUCED, "stem_project", activate=False)
    outputs = [x]
    for i, stage in enumerate(STAGES, start=1):
        for j in range(stage.blocks):
            channels = max(8, round(stage.channels * width / 8) * 8)
            stride = stage.stride if j == 0 else 1
            x = _inverted_residual(x, channels, stage.expansion, stride, f"stage_{i}_{j}")
        outputs.append(x)
    return outputs


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
    x: keras.KerasTensor, channels: int, expansion: int, stride: int, name: str
) -> keras.KerasTensor:
    before = x
    x = conv_bn(x, before.shape[-1] * expansion, f"{name}_expand", activate=True)
    x = depthwise_bn(x, f"{name}_depthwise", stride=stride)
    x = conv_bn(x, channels, f"{name}_project", activate=False)
    if stride == 1 and before.shape[-1] == channels:
        return layers.Add(name=f"{name}_add")([before, x])
    return x
