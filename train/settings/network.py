"""Which network is built, and how large it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Trunk = Literal["rows", "rows8", "mobilenetv2"]
Backbone = Literal["r18", "r50", "r101", "mnv2", "mnv3"]
PIPNET_STRIDES = (16, 32, 64, 128)  # pixels of the input to a cell of a PIPNet


@dataclass(frozen=True)
class AsmpipSize:
    """How large our own network is; see ``train.models.asmpip.AsmpipConfig``."""

    trunk: Trunk = "mobilenetv2"
    width: float = 1.0
    hidden: int = 288
    reduced: int = 176


@dataclass(frozen=True)
class FinderSize:
    """How large a finder is.

    Attributes:
        stem: channels of the first convolution, at stride 4.
        channels: of strides 8, 16 and 32.
        blocks: residual blocks at strides 8, 16 and 32, after the one that halves the sides.
    """

    stem: int = 32
    channels: tuple[int, ...] = (64, 128, 128)
    blocks: tuple[int, ...] = (3, 6, 3)
