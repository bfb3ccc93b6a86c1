"""``asmpip``: ASMNet's trunk and taps under a PIPNet head, made small for INT8 on a Raspberry Pi.

* Trunk: MobileNetV2 (Sandler et al. 2018), cut after block 12, so that a 128 px crop gives an 8 x 8
  map; ASMNet (CVPR-W 2021) cuts the same trunk later and pools it away.
* Taps: ASMNet's idea, global averages of several blocks. Here they become a context vector that is
  added to every cell: each cell knows the whole face.
* Head: PIPNet (IJCV 2021), score, offsets and K neighbours, as 1 x 1 convolutions on a reduced
  map. The three are separate outputs, so that INT8 gives each its own scale.

The network takes RGB uint8 and scales it inside: (pixel - 128) / 128, which an INT8 file does by
reading the byte as signed.
"""

from __future__ import annotations

from dataclasses import dataclass

import keras
from keras import layers

TAPS = ("block_1_project_BN", "block_3_project_BN", "block_6_project_BN", "block_10_project_BN")
TRUNK_END = "block_12_add"
STRIDE = 16
MAPS = ("score", "offsets", "neighbours")


@dataclass(frozen=True)
class AsmpipConfig:
    """Size of an ``asmpip``.

    Attributes:
        n_points: L, landmarks.
        size: side of the input in pixels, a multiple of 32.
        k: K, neighbours of each landmark.
        width: MobileNetV2's width multiplier.
        hidden: channels of the expanded map in the neck.
        reduced: channels of the map that the head reads.
    """

    n_points: int = 68
    size: int = 128
    k: int = 10
    width: float = 1.0
    hidden: int = 288
    reduced: int = 176

    @property
    def grid(self) -> int:
        """Cells along a side of the maps."""
        return self.size // STRIDE


def build_asmpip(config: AsmpipConfig) -> keras.Model:
    """Build the network.

    Returns:
        A model from uint8 (B, size, size, 3) to the float maps ``score`` (B, G, G, L), ``offsets``
        (B, G, G, 2 L) and ``neighbours`` (B, G, G, 2 L K); see ``landmarks.decode.decode_pip``.
    """
    image = keras.Input((config.size, config.size, 3), dtype="uint8", name="image")
    scaled = layers.Rescaling(1 / 128, offset=-1.0, name="scale_pixels")(image)
    trunk = keras.applications.MobileNetV2(
        input_tensor=scaled, alpha=config.width, include_top=False, weights=None
    )
    features = trunk.get_layer(TRUNK_END).output  # (B, G, G, 96 * width)

    tapped = [trunk.get_layer(name).output for name in TAPS] + [features]
    pooled = [
        layers.GlobalAveragePooling2D(keepdims=True, name=f"tap_{i}")(tap)
        for i, tap in enumerate(tapped)
    ]
    context = layers.Concatenate(name="taps")(pooled)  # (B, 1, 1, sum of the channels)
    context = layers.Conv2D(config.reduced, 1, name="context")(context)

    x = _conv_bn(features, config.hidden, "neck_expand", activate=True)
    x = layers.DepthwiseConv2D(3, padding="same", use_bias=False, name="neck_depthwise")(x)
    x = layers.BatchNormalization(name="neck_depthwise_BN")(x)
    x = layers.ReLU(6.0, name="neck_depthwise_relu")(x)
    x = _conv_bn(x, config.reduced, "neck_project", activate=False)
    x = layers.Add(name="neck_add_context")([x, context])
    x = layers.ReLU(6.0, name="neck")(x)  # (B, G, G, reduced)

    n, k = config.n_points, config.k
    outputs = {
        name: layers.Conv2D(
            channels,
            1,
            # PIPNet's initialisation: the maps start near zero
            kernel_initializer=keras.initializers.RandomNormal(stddev=0.001),
            dtype="float32",
            name=name,
        )(x)
        for name, channels in (("score", n), ("offsets", 2 * n), ("neighbours", 2 * n * k))
    }
    return keras.Model(image, outputs, name="asmpip")


def _conv_bn(
    x: keras.KerasTensor, channels: int, name: str, *, activate: bool
) -> keras.KerasTensor:
    x = layers.Conv2D(channels, 1, use_bias=False, name=name)(x)
    x = layers.BatchNormalization(name=f"{name}_BN")(x)
    return layers.ReLU(6.0, name=f"{name}_relu")(x) if activate else x
