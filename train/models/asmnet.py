"""ASMNet (Fard, Abdollahi and Mahoor, CVPR-W 2021) and its MobileNetV2 baseline.

ASMNet is MobileNetV2 cut after block 15. Six of its maps, from fine to coarse, are averaged over
the face and joined to 536 features; two linear layers turn these into landmarks and head pose.
The baseline is MobileNetV2 as it is, with the same two layers on its own 1280 features.
"""

from __future__ import annotations

from dataclasses import dataclass

import keras
from keras import layers

from train.models.backbones import mobilenet_v2, pixels

TAPS = (
    "block_1_project_BN",
    "block_3_project_BN",
    "block_6_project_BN",
    "block_10_project_BN",
    "block_13_project_BN",
    "block_15_add",  # the residual sum; the paper's figure says "batch norm", the code this
)
DROPOUT = 0.3  # in the released code; the paper does not mention it


@dataclass(frozen=True)
class AsmnetConfig:
    """Size of an ASMNet.

    Attributes:
        n_points: L, landmarks.
        size: side of the input in pixels.
        pose: whether there is a pose output.
        weights: ``"imagenet"`` or None; the published network starts from random weights.
    """

    n_points: int = 68
    size: int = 224
    pose: bool = True
    weights: str | None = None


def build_asmnet(config: AsmnetConfig) -> keras.Model:
    """Build ASMNet.

    Returns:
        A model from uint8 (B, size, size, 3) to ``points`` (B, 2 L), interleaved x, y, and
        ``pose`` (B, 3): yaw, pitch, roll; see ``landmarks.decode.decode_regression``.
    """
    image, scaled = pixels(config.size)
    trunk = mobilenet_v2(scaled, weights=config.weights)
    pooled = [
        layers.GlobalAveragePooling2D(name=f"tap_{i}")(trunk.get_layer(name).output)
        for i, name in enumerate(TAPS)
    ]
    features = layers.Concatenate(name="taps")(pooled)  # (B, 536)
    features = layers.Dropout(DROPOUT, name="dropout")(features)
    return keras.Model(image, _outputs(features, config), name="asmnet")


def build_asmnet_mnv2(config: AsmnetConfig) -> keras.Model:
    """Build the baseline of the paper, with the outputs of ``build_asmnet``."""
    image, scaled = pixels(config.size)
    trunk = mobilenet_v2(scaled, weights=config.weights)
    features = layers.GlobalAveragePooling2D(name="pool")(trunk.output)  # (B, 1280)
    return keras.Model(image, _outputs(features, config), name="asmnet_mnv2")


def _outputs(features: keras.KerasTensor, config: AsmnetConfig) -> dict[str, keras.KerasTensor]:
    units = {"points": 2 * config.n_points} | ({"pose": 3} if config.pose else {})
    return {
        name: layers.Dense(count, dtype="float32", name=name)(features)
        for name, count in units.items()
    }
