"""``asmpip``: ASMNet's trunk and taps under a PIPNet head, made small for INT8 on a Raspberry Pi.

* Trunk: MobileNetV2 (Sandler et al. 2018) cut after block 12, so that a 128 px crop gives an 8 x 8
  map, as it was published, or a trunk that begins for INT8 (``row_trunk``). ASMNet (CVPR-W 2021)
  cuts the same trunk later and pools it away.
* Taps: ASMNet's idea, global averages of several blocks. Here they become a context vector that is
  added to every cell: each cell knows the whole face.
* Head: PIPNet's (IJCV 2021) on a reduced map.
* Pose: ASMNet's second task, a linear layer on the pooled map of the head.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import keras
from keras import layers

from landmarks.errors import TrainingError
from train.models.backbones import mobilenet_v2, pixels
from train.models.initial_weights import take_weights
from train.models.pip_head import pip_head
from train.models.row_trunk import (
    EIGHTH_ROWS,
    MOBILENET_ROWS,
    RowPlan,
    conv_bn,
    depthwise_bn,
    row_trunk,
)
from train.settings.network import Trunk

STRIDE = 16  # sizes are multiples of it, so that every stride-2 layer halves an even side
ROW_PLANS: Mapping[str, RowPlan] = {"rows": MOBILENET_ROWS, "rows8": EIGHTH_ROWS}


@dataclass(frozen=True)
class AsmpipConfig:
    """Size of an ``asmpip``.

    Attributes:
        n_points: L, landmarks.
        size: side of the input in pixels, a multiple of 16.
        k: K, neighbours of each landmark; 0 for none.
        pose: whether there is a pose output.
        trunk: ``"mobilenetv2"``; ``"rows"``, the same from block 2 on; or ``"rows8"``, which has
            no block before an eighth of the side.
        width: multiplier of the trunk's channels.
        hidden: channels of the expanded map in the neck.
        reduced: channels of the map that the head reads.
        weights: ``"imagenet"`` or None.
    """

    n_points: int = 68
    size: int = 128
    k: int = 10
    pose: bool = False
    trunk: Trunk = "mobilenetv2"
    width: float = 1.0
    hidden: int = 288
    reduced: int = 176
    weights: str | None = None

    @property
    def grid(self) -> int:
        """Cells along a side of the maps."""
        return self.size // STRIDE


def build_asmpip(config: AsmpipConfig) -> keras.Model:
    """Build the network.

    Returns:
        A model from uint8 (B, size, size, 3) to the float maps of ``pip_head`` and, if asked for,
        ``pose`` (B, 3): yaw, pitch, roll.

    Raises:
        ValueError: the size is no multiple of 16.
        TrainingError: weights that do not exist or cannot be downloaded.
    """
    if config.size % STRIDE:
        raise ValueError(f"expected a size that is a multiple of {STRIDE}, got {config.size}")
    image, scaled = pixels(config.size)
    *tapped, features = _maps(scaled, config)  # the last (B, G, G, channels)
    pooled = [
        layers.GlobalAveragePooling2D(keepdims=True, name=f"tap_{i}")(tap)
        for i, tap in enumerate([*tapped, features])
    ]
    context = layers.Concatenate(name="taps")(pooled)  # (B, 1, 1, sum of the channels)
    context = layers.Conv2D(config.reduced, 1, name="context")(context)

    x = conv_bn(features, config.hidden, "neck_expand", activate=True)
    x = depthwise_bn(x, "neck_depthwise")
    x = conv_bn(x, config.reduced, "neck_project", activate=False)
    x = layers.Add(name="neck_add_context")([x, context])
    x = layers.ReLU(6.0, name="neck")(x)  # (B, G, G, reduced)

    outputs = pip_head(x, config.n_points, config.k)
    if config.pose:
        pooled_head = layers.GlobalAveragePooling2D(name="pose_pool")(x)
        outputs["pose"] = layers.Dense(3, dtype="float32", name="pose")(pooled_head)
    return keras.Model(image, outputs, name="asmpip")


def _maps(scaled: keras.KerasTensor, config: AsmpipConfig) -> list[keras.KerasTensor]:
    """Return the tapped maps of a trunk, and last the one that it ends with."""
    if config.trunk == "mobilenetv2":
        trunk = mobilenet_v2(scaled, width=config.width, weights=config.weights)
        return [trunk.get_layer(name).output for name in MOBILENET_ROWS.maps]
    plan = ROW_PLANS[config.trunk]
    trunk = row_trunk(scaled, plan, config.width)
    if config.weights is not None:
        if plan is not MOBILENET_ROWS:
            raise TrainingError(
                f"there are no {config.weights} weights of the trunk {config.trunk}: leave out "
                "--weights, or take --set asmpip.trunk=rows"
            )
        take_weights(trunk, mobilenet_v2(scaled, width=config.width, weights=config.weights))
    return [trunk.get_layer(name).output for name in plan.maps]
