"""One training run of a finder: a folder of frames in, a float network with its card out.

The run folder is that of ``train.fit``, and so are the loop, the checkpoints and ``--resume``.
"""

from __future__ import annotations

import logging
from collections.abc import Generator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import keras
import numpy as np

from landmarks.errors import UsageError
from landmarks.files import refuse_overwrite
from landmarks.types import Floats, Image, Ints
from train.datasets.frames import Frame, read_frames
from train.finder.held_out import HeldOut
from train.finder.loss import finder_loss
from train.finder.save import save_finder
from train.finder.scenes import make_scene
from train.finder.targets import encode_scene
from train.models.finder import STRIDE, build_finder
from train.models.initial_weights import start_from
from train.settings.finder import FinderConfig
from train.training_loop.batches import epoch_batches, made_ahead
from train.training_loop.checkpoint import has_checkpoint
from train.training_loop.loop import Batches, LoopConfig
from train.training_loop.run import Run, Trained, steps_of, train_run
from train.training_loop.trainer import build_optimizer, with_an_axis
from train.training_loop.training_copy import training_copy

logger = logging.getLogger(__name__)


def fit_finder(config: FinderConfig, *, resume: bool = False, force: bool = False) -> Path:
    """Train a finder; choose the threshold of its score on held-out frames.

    Args:
        config: the run.
        resume: go on from the checkpoints in ``config.out``.
        force: start over in a folder that already holds a run.

    Returns:
        Path of the finished ``model.keras``.

    Raises:
        DatasetError, PictureError: the frames cannot be used.
        OutputExistsError: the folder holds a run and neither resume nor force is set.
        TrainingError: too few frames, or the loss is no longer a number.
        UsageError: the settings of the network do not fit together.
        OSError: the folder cannot be written to; what is there stays whole.
    """
    if not resume:
        refuse_overwrite(config.out / "config.toml", force=force)
    frames = [frame for folder in (config.data, *config.also) for frame in read_frames(folder)]
    training, held_out = HeldOut(config.validation_percent, config.held_out_sets).split(frames)
    steps = steps_of(len(training), config.batch, "frames")
    keras.utils.set_random_seed(config.seed)
    try:
        network = build_finder(config.size, config.network)
    except ValueError as error:
        raise UsageError(f"finder: {error}") from None
    if config.weights and not (resume and has_checkpoint(config.out / "checkpoint")):
        start_from(network, Path(config.weights), logger.info)
    copy = training_copy(network, norm_momentum=config.norm_momentum, precision=config.precision)
    trainer = joined(copy)
    trainer.compile(optimizer=build_optimizer(config, steps), loss=with_an_axis(finder_loss))
    progress = train_run(
        Run(config.out, LoopConfig(config.epochs, steps), asdict(config), resume),
        Trained(copy, trainer, plain=network, batches=scene_batches(frames, training, config)),
    )
    path = config.out / "model.keras"
    facts = {"frames": len(training), "final": progress.history[-1]}
    save_finder(path, network, config, [frames[i] for i in held_out], facts)
    return path


def joined(network: keras.Model) -> keras.Model:
    """Return the network with one output (B, G, G, 6): score, offset x and y, side, roll."""
    maps = [network.output[name] for name in ("score", "offset", "side", "roll")]
    return keras.Model(network.input, keras.layers.Concatenate(dtype="float32")(maps))


def scene_batches(frames: Sequence[Frame], training: Ints, config: FinderConfig) -> Batches:
    """Return what gives the batches of an epoch, a scene for each training frame.

    The pictures are held in memory: a scene needs up to four of them.
    """
    pictures = {int(i): frames[i].picture.read() for i in training}

    def example(number: int, rng: np.random.Generator) -> tuple[Image, Floats]:
        scene = make_scene(
            number,
            rng,
            frames=lambda i: (frames[i], pictures[i]),
            others=training,
            size=config.size,
            config=config.scene,
        )
        return scene.image, encode_scene(scene, STRIDE)

    def made(epoch: int) -> Generator[tuple[Any, Any], None, None]:
        for images, targets, _ in epoch_batches(
            example, training, batch=config.batch, seed=config.seed, epoch=epoch
        ):
            yield images, targets

    return lambda epoch: made_ahead(made(epoch))
