"""Everything that decides the training of a finder, as plain data."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from train.settings.augmentation import AugmentConfig
from train.settings.fit import Optimizer, Precision
from train.settings.network import FinderSize
from train.settings.schedule import ScheduleConfig

# What is done to pixels; where they lie is the scene's business.
PIXELS = AugmentConfig(
    light=0.5,
    colour=0.15,
    grey=0.15,
    blur=0.25,
    blur_sigma=2.0,
    noise=0.15,
    shrink=0.1,
    occlusion=0.1,
)


@dataclass(frozen=True)
class SceneConfig:
    """How scenes are made; probabilities are per scene or per piece of it.

    Attributes:
        whole: probability of one whole frame, as the device sees it.
        mosaics: probabilities of 2 x 2 and of 3 x 3 pieces.
        elsewhere: probability that a piece is cut anywhere, and not where a face is.
        min_face_px, max_face: side of a face that a piece is cut for, uniform in the logarithm:
            pixels of the scene, and a share of its piece's side.
        filled: a frame is shrunk no further than this share of its piece's side.
        turn_deg, turn_limit_deg: roll that is added, its deviation and its limit.
        turn_wide, turn_wide_deg: probability of a wide turn instead, and its limit; uniform.
        mirror: probability of a mirrored scene.
        ignored_px: smaller faces are neither taught nor background.
        pixels: changes of light, colour, blur, noise; its geometry is not used.
    """

    whole: float = 0.3
    mosaics: tuple[float, ...] = (0.3, 0.15)
    elsewhere: float = 0.15
    min_face_px: float = 11.0
    max_face: float = 0.95
    filled: float = 0.8
    turn_deg: float = 15.0
    turn_limit_deg: float = 40.0
    turn_wide: float = 0.25
    turn_wide_deg: float = 120.0
    mirror: float = 0.5
    ignored_px: float = 8.0
    pixels: AugmentConfig = field(default_factory=lambda: PIXELS)


@dataclass(frozen=True)
class FinderConfig:
    """A run; ``train/settings/recipes/finder.toml`` holds the values.

    Attributes:
        data: folder of frames, see ``train.datasets.frames``.
        out: run folder.
        also: more folders of frames.
        model: always ``"finder"``.
        size: side of the input in pixels, a multiple of 32.
        epochs, batch: length of the run and scenes in a step; an epoch has a scene for each frame.
        optimizer, learning_rate, weight_decay, ema, norm_momentum, precision: as in
            ``train.settings.fit``.
        weights: a ``.keras`` file to start from, layer by layer where names and shapes agree;
            empty for random ones.
        validation_percent: share of the frames that is held out, chosen by a hash of their names.
        held_out_sets: sets that are held out whole; see ``train.finder.held_out``.
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
    optimizer: Optimizer = "adamw"
    learning_rate: float = 3e-3
    weight_decay: float = 0.02
    ema: float = 0.99
    norm_momentum: float = 0.97
    precision: Precision = "float32"
    weights: str = ""
    validation_percent: float = 8.0
    held_out_sets: tuple[str, ...] = ()
    false_boxes: float = 1.0
    seed: int = 1
    terms: str = ""
    schedule: ScheduleConfig = field(default_factory=ScheduleConfig)
    scene: SceneConfig = field(default_factory=SceneConfig)
    network: FinderSize = field(default_factory=FinderSize)
