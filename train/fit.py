"""One training run: prepared data in, a float network with its card out.

A run folder holds ``config.toml`` (resolved), ``metrics.csv``, ``tensorboard/``, ``checkpoint/``
and, at the end, ``model.keras``. ``--resume`` goes on after the last complete epoch.
"""

from __future__ import annotations

import logging
from dataclasses import asdict, replace
from math import ceil
from pathlib import Path
from typing import Any

import keras

from landmarks.card import PipHead
from landmarks.errors import UsageError
from landmarks.files import refuse_overwrite
from train.methods.catalogue import build_method
from train.preparation.joined import open_joined
from train.preparation.prepared import PreparedInfo
from train.preparation.validation_split import split_validation
from train.settings.fit import FitConfig
from train.training_loop.checkpoint import has_checkpoint
from train.training_loop.cluster import ALONE, join_cluster
from train.training_loop.landmark_batches import augmented_batches
from train.training_loop.loop import LoopConfig, kept_row
from train.training_loop.run import Run, Trained, steps_of, train_run
from train.training_loop.save import save_network
from train.training_loop.trainer import build_trainer
from train.training_loop.validation import held_out_error

ENLARGED = 1.1  # from here on it is worth saying that faces were prepared too small
logger = logging.getLogger(__name__)


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
        UsageError: the network has nothing to learn from boxes without a face.
        OSError: the folder cannot be written to; what is there stays whole.
    """
    if not resume:  # every process asks before the chief writes, which waits for all of them
        refuse_overwrite(config.out / "config.toml", force=force)
    cluster = join_cluster() if config.distribute else ALONE
    data, also = open_joined(config.data, config.also)
    labelled = data.info.n - sum(other.info.n for other in also)
    # also a face that was made of a held-out one has its name, and is left out
    training, held_out = split_validation(data.info.names, config.validation_percent)
    known, held_out = training[training < labelled], held_out[held_out < labelled]
    steps = steps_of(len(training), config.batch)
    share = cluster.share(config.batch)
    keras.utils.set_random_seed(config.seed)
    # a checkpoint brings its own weights: no need to download the initial ones again
    begun = resume and has_checkpoint(config.out / "checkpoint")
    method = build_method(replace(config, weights="") if begun else config, data, known)
    with cluster.scope():
        network, trainer = build_trainer(method, config, steps, synchronized=cluster.processes > 1)
    if config.empty and not isinstance(method.head, PipHead):
        raise UsageError("--empty teaches the scores of a PIP head; this network has none")
    cluster.adapt(trainer)
    if cluster.chief:
        _say_if_enlarged(data.info, config)
    progress = train_run(
        Run(
            config.out,
            LoopConfig(config.epochs, steps, config.validate_every, config.early_stop),
            asdict(config),
            resume,
        ),
        Trained(
            network,
            trainer,
            plain=method.network,
            batches=augmented_batches(method, data, training, config, share),
            # what will be saved is measured
            validate=held_out_error(
                method.network,
                method.head,
                data,
                held_out,
                size=config.size,
                crop_scale=config.crop_scale,
            ),
        ),
        cluster=cluster,
    )
    path = config.out / "model.keras"
    facts = {
        "faces": len(training),
        "also": [_origin(other.info) for other in also],
        "final": kept_row(progress, config.early_stop),
    }
    if cluster.chief:
        save_network(path, method, config, data.info, facts)
    return path


def _say_if_enlarged(info: PreparedInfo, config: FitConfig) -> None:
    """Say in one line that prepared faces are smaller than the network sees them."""
    shown_px = info.box_crop.width * config.crop_scale
    if config.size > ENLARGED * shown_px:
        logger.warning(
            "%s: faces prepared at %d px are enlarged for an input of %d: "
            "python -m train prepare --size %d gives all that the network sees",
            config.data,
            info.size,
            config.size,
            ceil(config.size * info.scale / config.crop_scale),
        )


def _origin(info: PreparedInfo) -> dict[str, Any]:
    """Return what a card says of faces that were trained on beside the labelled ones."""
    return {
        "dataset": f"{info.dataset} {info.subset}",
        "faces": info.n,
        "terms": info.terms,
        "prepared_sha256": info.sha256,
    }
