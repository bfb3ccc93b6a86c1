"""Trunks that begin for INT8: rows of pixels, then inverted residuals.

MobileNetV2 begins with many pixels of few channels: at 128 px its first four operations, of 3 to 96
channels at 64 x 64 places, take 40 % of an INT8 inference (docs/experiments.md, E11), because
kernels that multiply many bytes at once run half empty. Here four neighbouring pixels of a row, 12
bytes that lie side by side, are read as 12 channels, which is a reshape and moves nothing. One
convolution of 8 rows x 12 columns with stride 4 takes them to a quarter of the side at once; its
windows overlap, unlike the patches of a vision transformer.

* ``MOBILENET_ROWS`` goes on as MobileNetV2 does. From block 2 on, layers have the names and shapes
  of ``keras.applications.MobileNetV2`` (Sandler et al. 2018): weights of either fit the other.
* ``EIGHTH_ROWS`` has no block at a quarter of the side, where 32 x 32 places of 144 channels cost
  much and know little, and spends that on wider blocks at an eighth and a sixteenth, expanded four
  times instead of six: less work for depthwise convolutions, more for 1 x 1 ones, which INT8
  kernels do best (docs/experiments.md, E18).
"""

from __future__ import annotations

from dataclasses import dataclass

import keras
from keras import layers

PIXELS_TOGETHER = 4  # of a row, and the stride of the first convolution
STEM_KERNEL = (8, 3)  # rows x groups of pixels: 8 x 12 pixels


@dataclass(frozen=True)
class RowPlan:
    """Widths and strides of a trunk.

    Attributes:
        stem: channels of the first convolution.
        first: channels that leave it, where MobileNetV2 has the end of block 1.
        expansion: channels of a depthwise convolution to those that enter its block.
        blocks: of each, from block 2 on, channels and stride.
        maps: layers whose averages are the context, from large maps to small ones; the head reads
            the last.
    """

    stem: int
    first: int
    expansion: int
    blocks: tuple[tuple[int, int], ...]
    maps: tuple[str, ...]


MOBILENET_ROWS = RowPlan(
    stem=32,
    first=24,
    expansion=6,
    blocks=(  # Sandler et al., table 2
        *((24, 1), (32, 2), (32, 1), (32, 1)),
        *((64, 2), (64, 1), (64, 1), (64, 1)),
        *((96, 1), (96, 1), (96, 1)),
    ),
    maps=(
        "block_1_project_BN",
        "block_3_project_BN",
        "block_6_project_BN",
        "block_10_project_BN",
        "block_12_add",
    ),
)
EIGHTH_ROWS = RowPlan(
    stem=48,
    first=32,
    expansion=4,
    blocks=(
        *((48, 2), (48, 1)),
        *((96, 2), (96, 1), (96, 1)),
        *((128, 1), (128, 1), (128, 1)),
    ),
    maps=("block_1_project_BN", "block_3_add", "block_6_add", "block_9_add"),
)


def row_trunk(scaled: keras.KerasTensor, plan: RowPlan, width: float = 1.0) -> keras.Model:
    """Return a trunk of stride 16, for its layers by name.

    Args:
        scaled: float (B, S, S, 3), S a multiple of 16.
        plan: its widths and strides.
        width: multiplies the channels of all blocks.
    """
    x = row_stem(scaled, _scaled(plan.stem, width))
    x = conv_bn(x, _scaled(plan.first, width), "block_1_project", activate=False)
    for number, (channels, stride) in enumerate(plan.blocks, start=2):
        x = _inverted_residual(
            x, _scaled(channels, width), plan.expansion, stride, f"block_{number}"
        )
    return keras.Model(scaled, x, name="row_trunk")


def row_stem(scaled: keras.KerasTensor, channels: int) -> keras.KerasTensor:
    """Return a map of stride 4: rows of four pixels, one convolution, its normalisation and ReLU6.

    Args:
        scaled: float (B, S, S, 3), S a multiple of 4.
        channels: of the map.
    """
    side = scaled.shape[1]
    groups = side // PIXELS_TOGETHER
    x = layers.Reshape((side, groups, 3 * PIXELS_TOGETHER), name="rows")(scaled)
    stem = layers.Conv2D(
        channels,
        STEM_KERNEL,
        strides=(PIXELS_TOGETHER, 1),
        padding="same",
        use_bias=False,
        name="stem",
    )
    return layers.ReLU(6.0, name="stem_relu")(layers.BatchNormalization(name="stem_BN")(stem(x)))


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
    x = conv_bn(x, expansion * before.shape[-1], f"{name}_expand", activate=True)
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
