"""One training run: prepared data in, a float network with its card out.

A run folder holds ``config.toml`` (resolved), ``metrics.csv``, ``checkpoint/`` and, at the end,
``model.keras``. ``--resume`` goes on after the last complete epoch.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path

import keras
import numpy as np

from landmarks.errors import TrainingError
from landmarks.files import refuse_overwrite
from landmarks.schemes import get_scheme
from landmarks.types import Floats, Image, Ints
from train.augment import augment
from train.batches import Example, epoch_batches
from train.checkpoint import clear_checkpoints
from train.config_file import write_config
from train.fit_config import FitConfig
from train.loop import Batches, LoopConfig, run_epochs
from train.methods.catalogue import build_method
from train.methods.method import LabelBatch, Method
from train.prepared import PreparedData, open_prepared
from train.save import save_network
from train.schedule import learning_rate
from train.training_copy import training_copy
from train.validation import split_validation, validate


def fit(config: FitConfig, *, resume: bool = False, force: bool = False) -> Path:
    """Train a network.

    Args:
        config: the run.
        resume: go on from the checkpoints in ``config.out``.
        force: start over in a folder that already holds a run.

    Returns:
        Path of the finished ``model.keras``.

    Raises:
        DatasetError: the prepared data cannot be used.
        OutputExistsError: the folder holds a run and neither resume nor force is set.
        TrainingError: the loss is no longer a number; the last good checkpoint is kept.
    """
    if not resume:
        refuse_overwrite(config.out / "config.toml", force=force)
        clear_checkpoints(config.out / "checkpoint")
    data = open_prepared(config.data)
    training, held_out = split_validation(data.info.names, config.validation_percent)
    steps = len(training) // config.batch
    if steps == 0:
        raise TrainingError(f"{len(training)} training faces do not fill a batch of {config.batch}")
    keras.utils.set_random_seed(config.seed)
    # a checkpoint brings its own weights: no need to download the initial ones again
    method = build_method(replace(config, weights="") if resume else config, data, training)
    network = training_copy(
        method.network, norm_momentum=config.norm_momentum, precision=config.precision
    )
    trainer = method.joined(network)
    trainer.compile(optimizer=build_optimizer(config, steps), loss=method.loss())
    write_config(config.out / "config.toml", asdict(config))

    def held_out_error_percent() -> float:
        where = {"size": config.size, "crop_scale": config.crop_scale}
        return 100 * validate(network, method.head, data, held_out, **where)

    progress = run_epochs(
        trainer,
        augmented_batches(method, data, training, config),
        config.out,
        LoopConfig(config.epochs, steps, config.validate_every, config.early_stop),
        validate=held_out_error_percent if len(held_out) else None,
        resume=resume,
    )
    method.network.set_weights(network.get_weights())
    path = config.out / "model.keras"
    facts = {"faces": len(training), "final": progress.history[-1]}
    save_network(path, method, config, data.info, facts)
    return path


def build_optimizer(config: FitConfig, steps: int) -> keras.optimizers.Optimizer:
    """Return the optimizer of a run with ``steps`` steps an epoch."""
    rate = learning_rate(config.schedule, config.learning_rate, epochs=config.epochs, steps=steps)
    average = {"use_ema": True, "ema_momentum": config.ema} if config.ema else {}
    if config.optimizer == "adam":
        return keras.optimizers.Adam(rate, **average)
    optimizer = keras.optimizers.AdamW(rate, weight_decay=config.weight_decay, **average)
    optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
    return optimizer


def augmented_batches(
    method: Method, data: PreparedData, faces: Ints, config: FitConfig
) -> Batches:
    """Return what gives the batches of an epoch: augmented inputs and the method's targets."""
    scheme = get_scheme(data.info.scheme)

    def example(face: int, rng: np.random.Generator) -> Example:
        return augment(
            np.asarray(data.crops[face]),
            np.asarray(data.points_crop[face]),
            rng,
            size=config.size,
            scale=config.crop_scale,
            scheme=scheme,
            config=config.augment,
        )

    def batches(epoch: int) -> Iterator[tuple[Image, Floats]]:
        for images, points, chosen in epoch_batches(
            example, faces, batch=config.batch, seed=config.seed, epoch=epoch
        ):
            yield images, method.targets(LabelBatch(points, chosen, epoch))

    return batches
