"""``finder``: a small anchor-free face finder, made for INT8 on a Raspberry Pi.

* Stem: four pixels of a row are read as 12 channels (``train.models.row_trunk``), so that INT8 has
  channels to work on from the first convolution on.
* Trunk: depthwise separable blocks (MobileNet, Howard et al. 2017) at strides 8 to 32; residual
  where the shape stays.
* Neck: the deep map is added to the one above it, twice (a top-down pathway, Lin et al. 2017), so
  that each cell of stride 8 knows what is around it, and one map serves small and large faces.
* Head: faces are points (CenterNet, Zhou et al. 2019): a score for "the centre of a face is here",
  where the centre lies exactly, how large the face is and how far it is turned in the picture.
  The canonical face box is a square, so one number is its size. A turn is a cosine and a sine,
  which have no jump at 180 degrees.
"""

from __future__ import annotations

import keras
from keras import layers

from train.models.backbones import pixels
from train.models.row_trunk import row_stem
from train.settings.network import FinderSize

STRIDE = 8
SIZE_STEP = 32  # so that every stride-2 layer halves an even side
LEVELS = 3  # strides 8, 16 and 32
CHANNELS_OF_MAP = {"score": 1, "offset": 2, "side": 1, "roll": 2}
PRIOR = -4.6  # logit of 1 %: at first nowhere is a face, or background would drown all else


def build_finder(size: int, config: FinderSize) -> keras.Model:
    """Build the network; G = size / 8 cells along a side.

    Args:
        size: side of the input in pixels, a multiple of 32.
        config: how large it is.

    Returns:
        A model from uint8 (B, size, size, 3) to the maps that ``landmarks.centres`` decodes:
        ``score`` (B, G, G, 1), ``offset`` (B, G, G, 2), ``side`` (B, G, G, 1) and ``roll``
        (B, G, G, 2).

    Raises:
        ValueError: the size is no multiple of 32, or the configuration is not of three strides.
    """
    if size % SIZE_STEP:
        raise ValueError(f"expected a size that is a multiple of {SIZE_STEP}, got {size}")
    if len(config.channels) != LEVELS or len(config.blocks) != LEVELS:
        raise ValueError(f"expected channels and blocks of three strides, got {config}")
    image, x = pixels(size)
    x = row_stem(x, config.stem)
    maps = []
    for level, (channels, blocks) in enumerate(zip(config.channels, config.blocks, strict=True)):
        stride = STRIDE << level
        x = _separable(x, channels, f"s{stride}_down", strides=2)
        for i in range(blocks):
            x = _residual(x, f"s{stride}_block_{i}")
        maps.append(x)
    *upper, x = maps
    for stride, skip in zip((16, 8), reversed(upper), strict=True):
        x = layers.Conv2D(skip.shape[-1], 1, use_bias=False, name=f"s{stride}_lateral")(x)
        x = _normalised(x, f"s{stride}_lateral", activate=False)
        x = layers.UpSampling2D(interpolation="bilinear", name=f"s{stride}_up")(x)
        x = layers.Add(name=f"s{stride}_merge")([skip, x])
        x = layers.ReLU(6.0, name=f"s{stride}_merge_relu")(x)
        x = _separable(x, x.shape[-1], f"s{stride}_neck")
    x = _separable(x, x.shape[-1], "head")
    return keras.Model(image, _maps(x), name="finder")


def _maps(x: keras.KerasTensor) -> dict[str, keras.KerasTensor]:
    """Return the output maps: separate ones, so that INT8 gives each its own scale."""
    return {
        name: layers.Conv2D(
            count,
            1,
            kernel_initializer=keras.initializers.RandomNormal(stddev=0.01),
            bias_initializer=keras.initializers.Constant({"score": PRIOR}.get(name, 0.0)),
            dtype="float32",
            name=name,
        )(x)
        for name, count in CHANNELS_OF_MAP.items()
    }


def _residual(x: keras.KerasTensor, name: str) -> keras.KerasTensor:
    branch = _separable(x, x.shape[-1], name, activate=False)
    x = layers.Add(name=f"{name}_add")([x, branch])
    return layers.ReLU(6.0, name=f"{name}_relu")(x)


def _separable(
    x: keras.KerasTensor, channels: int, name: str, *, strides: int = 1, activate: bool = True
) -> keras.KerasTensor:
    """Filter each channel for itself, then mix channels."""
    x = layers.DepthwiseConv2D(
        3, strides=strides, padding="same", use_bias=False, name=f"{name}_depthwise"
    )(x)
    x = _normalised(x, f"{name}_depthwise", activate=True)
    x = layers.Conv2D(channels, 1, use_bias=False, name=f"{name}_project")(x)
    return _normalised(x, f"{name}_project", activate=activate)


def _normalised(x: keras.KerasTensor, name: str, *, activate: bool) -> keras.KerasTensor:
    x = layers.BatchNormalization(name=f"{name}_BN")(x)
    return layers.ReLU(6.0, name=f"{name}_relu")(x) if activate else x
