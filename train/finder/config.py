"""Everything that decides the training of a finder, as plain data."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from train.finder.scenes import SceneConfig
from train.models.finder import FinderSize
from train.running.schedule import ScheduleConfig


@dataclass(frozen=True)
class FinderConfig:
    """A run; ``train/recipes/finder.toml`` holds the values.

    Attributes:
        data: folder of frames, see ``train.finder.frames``.
        also: more of them.
        out: run folder.
        model: always ``"finder"``.
        size: side of the input in pixels, a multiple of 32.
        epochs, batch: length of the run and scenes in a step; an epoch has a scene for each frame.
        optimizer, learning_rate, weight_decay, ema, norm_momentum, precision: as in
            ``train.fit_config``.
        weights: a ``.keras`` file to start from, layer by layer where names and shapes agree;
            empty for random ones.
        validation_percent: share of the frames that is held out, chosen by a hash of their names.
        held_out_sets: sets that are held out whole; see ``train.finder.frames.set_of``.
        false_boxes: in 20 held-out frames, that the threshold of the score may let through.
        seed: of initial weights, order and scenes.
        terms: what the owners of the frames ask; it goes into the card.
        schedule, scene, network: see there.
    """

    data: Path
    out: Path
    also: tuple[Path, ...] = ()
    model: Literal["finder"] = "finder"
    size: int = 224
    epochs: int = 120
    batch: int = 32
    optimizer: Literal["adamw", "adam"] = "adamw"
    learning_rate: float = 3e-3
    weight_decay: float = 0.02
    ema: float = 0.99
    norm_momentum: float = 0.97
    precision: Literal["float32", "mixed_bfloat16", "mixed_float16"] = "float32"
    weights: str = ""
    validation_percent: float = 8.0
    held_out_sets: tuple[str, ...] = ()
    false_boxes: float = 1.0
    seed: int = 1
    terms: str = ""
    schedule: ScheduleConfig = field(default_factory=ScheduleConfig)
    scene: SceneConfig = field(default_factory=SceneConfig)
    network: FinderSize = field(default_factory=FinderSize)
