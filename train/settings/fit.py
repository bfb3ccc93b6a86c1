"""Everything that decides a training run, as plain data."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from landmarks.crop import DEFAULT_CROP_SCALE
from train.settings.augmentation import AugmentConfig
from train.settings.network import AsmpipSize
from train.settings.schedule import ScheduleConfig
from train.settings.teaching import AsmConfig, PipConfig, PoseConfig

Optimizer = Literal["adamw", "adam"]
Precision = Literal["float32", "mixed_bfloat16", "mixed_float16"]


@dataclass(frozen=True)
class FitConfig:
    """A run; ``train/settings/recipes`` holds the values for each model.

    Attributes:
        data: prepared folder.
        out: run folder.
        also: prepared folders with more faces to train on; none of them is held out, and none
            whose name is that of a held-out one is used.
        empty: folders of frames whose faces are known (``train.datasets.frames``); boxes beside the
            faces teach a PIP head what is none.
        empty_share: of the examples, that are such boxes.
        model: architecture, see ``train.methods.catalogue``.
        size: side of the input in pixels.
        crop_scale: side of the crop divided by the side of the canonical face box.
        epochs, batch: length of the run and faces in a step.
        optimizer: ``"adamw"`` or ``"adam"``.
        learning_rate: peak of the schedule.
        weight_decay: of AdamW.
        ema: momentum of the moving average of the weights that is kept in the end; 0 for none.
        norm_momentum: of the moving statistics of batch normalisation.
        weights: initial ones: ``"imagenet"``, a ``.keras`` file whose layers of the same name and
            shape give theirs, or empty for random ones.
        precision: of the arithmetic; a saved network is float32 in any case.
        validation_percent: share of the faces that is held out, chosen by a hash of their names.
        validate_every: epochs between two validations.
        early_stop: validations without a better one after which the run ends with the best
            weights; 0 to go on to the end.
        seed: of initial weights, order and augmentation.
        distribute: train on several processes or devices at once, see
            ``train.training_loop.cluster``.
        schedule, augment, pip, asm, pose, asmpip: see there.
    """

    data: Path
    out: Path
    also: tuple[Path, ...] = ()
    empty: tuple[Path, ...] = ()
    empty_share: float = 0.06
    model: str = "asmpip"
    size: int = 128
    crop_scale: float = DEFAULT_CROP_SCALE
    epochs: int = 140
    batch: int = 32
    optimizer: Optimizer = "adamw"
    learning_rate: float = 2e-3
    weight_decay: float = 0.02
    ema: float = 0.998
    norm_momentum: float = 0.99
    weights: str = ""
    precision: Precision = "float32"
    validation_percent: float = 5.0
    validate_every: int = 5
    early_stop: int = 0
    seed: int = 1
    distribute: bool = False
    schedule: ScheduleConfig = field(default_factory=ScheduleConfig)
    augment: AugmentConfig = field(default_factory=AugmentConfig)
    pip: PipConfig = field(default_factory=PipConfig)
    asm: AsmConfig = field(default_factory=AsmConfig)
    pose: PoseConfig = field(default_factory=PoseConfig)
    asmpip: AsmpipSize = field(default_factory=AsmpipSize)
