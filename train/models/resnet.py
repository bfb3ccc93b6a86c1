"""ResNet-18 (He et al. 2016), which Keras's own applications leave out; they begin at 50 layers.

Convolutions carry no bias: the batch normalisation after each has one.
"""

from __future__ import annotations

import keras
from keras import layers

STAGES = ((64, 1), (128, 2), (256, 2), (512, 2))  # channels, stride of the first block
BLOCKS = 2


def resnet18_features(x: keras.KerasTensor) -> keras.KerasTensor:
    """Return the last feature map, (B, S / 32, S / 32, 512), of scaled pixels (B, S, S, 3)."""
    x = _conv_bn(x, 64, 7, 2, "stem")
    x = layers.ReLU(name="stem_relu")(x)
    x = layers.ZeroPadding2D(1, name="stem_pool_pad")(x)  # zeros: the values are not negative
    x = layers.MaxPooling2D(3, 2, name="stem_pool")(x)
    for stage, (channels, stride) in enumerate(STAGES, start=1):
        for block in range(BLOCKS):
            x = _basic_block(x, channels, stride if block == 0 else 1, f"stage{stage}_block{block}")
    return x


def _basic_block(x: keras.KerasTensor, channels: int, stride: int, name: str) -> keras.KerasTensor:
    y = _conv_bn(x, channels, 3, stride, f"{name}_1")
    y = layers.ReLU(name=f"{name}_1_relu")(y)
    y = _conv_bn(y, channels, 3, 1, f"{name}_2")
    if stride != 1 or x.shape[-1] != channels:
        x = _conv_bn(x, channels, 1, stride, f"{name}_shortcut")
    return layers.ReLU(name=f"{name}_relu")(layers.Add(name=f"{name}_add")([x, y]))


def _conv_bn(
    x: keras.KerasTensor, channels: int, kernel: int, stride: int, name: str
) -> keras.KerasTensor:
    if kernel > 1:  # the same padding on all sides, whatever the stride
        x = layers.ZeroPadding2D(kernel // 2, name=f"{name}_pad")(x)
    x = layers.Conv2D(
        channels,
        kernel,
        stride,
        use_bias=False,
        kernel_initializer="he_normal",
        name=f"{name}_conv",
    )(x)
    return layers.BatchNormalization(epsilon=1e-5, name=f"{name}_BN")(x)
