"""The loop of every training: epochs, checkpoints, validation, and a clear end.

A run folder gets ``metrics.csv``, ``tensorboard/`` and ``checkpoint/``. A run that was killed at
any moment goes on after its last complete epoch and ends with the weights of an unbroken one.
"""

from __future__ import annotations

import csv
import io
import logging
import math
import time
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
from tqdm import tqdm

from landmarks.errors import TrainingError
from landmarks.files import write_whole
from train.training_loop.averaged import average, averaged
from train.training_loop.checkpoint import (
    Progress,
    finite,
    load_best,
    load_checkpoint,
    save_best,
    save_checkpoint,
)
from train.training_loop.cluster import ALONE, Cluster
from train.training_loop.event_log import EventLog

logger = logging.getLogger(__name__)
VALIDATION = "validation_nme_percent"
COLUMNS = ("epoch", "loss", "learning_rate", VALIDATION, "seconds")
Batches = Callable[[int], Generator[tuple[Any, Any], None, None]]


@dataclass(frozen=True)
class LoopConfig:
    """How long a loop runs, and what it looks at on the way.

    Attributes:
        epochs, steps: length of the run, and of an epoch.
        validate_every: epochs between two validations.
        early_stop: validations without a better one after which the loop ends; 0 for never.
    """

    epochs: int
    steps: int
    validate_every: int = 5
    early_stop: int = 0


def run_epochs(
    trainer: keras.Model,
    batches: Batches,
    folder: Path,
    config: LoopConfig,
    *,
    validate: Callable[[], float] | None = None,
    resume: bool = False,
    cluster: Cluster = ALONE,
) -> Progress:
    """Train a compiled network; in the end it holds the averaged, or the best, weights.

    Args:
        trainer: compiled.
        batches: gives input and truth of every step of an epoch.
        folder: of the run.
        config: length of the run.
        validate: returns the error of the network as it is, in percent; None for no validation.
        resume: go on from the checkpoints in the folder.
        cluster: the processes that train together; its chief alone writes.

    Raises:
        TrainingError: the loss is no longer a number; the last good checkpoint is kept.
        OSError: the folder cannot be written to; the last good checkpoint is kept.
    """
    checkpoints = folder / "checkpoint"
    progress = load_checkpoint(checkpoints, trainer) if resume else Progress()
    if cluster.chief and progress.history:  # a kill may have come just before they were written
        _write_metrics(folder / "metrics.csv", progress)
    log = EventLog(folder / "tensorboard", progress.epoch + 1)
    bar = tqdm(
        initial=progress.epoch * config.steps,
        total=config.epochs * config.steps,
        desc=folder.name,
        unit="step",
        disable=None if cluster.chief else True,
    )
    with bar:
        for epoch in range(progress.epoch, config.epochs):
            if stops_early(progress, config.early_stop):
                break
            start = time.monotonic()
            with cluster.scope():
                row = {"epoch": epoch + 1, "loss": _train(trainer, batches(epoch), epoch, bar)}
            row["learning_rate"] = _learning_rate(trainer)
            last = epoch + 1 == config.epochs
            if validate and (last or (epoch + 1) % config.validate_every == 0):
                keep = checkpoints if cluster.chief else None
                row[VALIDATION] = _validated(trainer, validate, progress, keep)
            row["seconds"] = time.monotonic() - start
            progress = Progress(epoch + 1, (*progress.history, row))
            if cluster.chief:
                log.write(row)  # before the checkpoint: a resumed run writes no epoch before it
                save_checkpoint(checkpoints, trainer, progress)
                _write_metrics(folder / "metrics.csv", progress)
            logger.info("%s", " ".join(f"{key} {value:.4g}" for key, value in row.items()))
    average(trainer)
    if config.early_stop and validations(progress) and cluster.chief:
        load_best(checkpoints, trainer)
    return progress


def validations(progress: Progress) -> list[float]:
    """Return the errors of all validations so far, percent."""
    return [row[VALIDATION] for row in progress.history if VALIDATION in row]


def stops_early(progress: Progress, patience: int) -> bool:
    """Say whether the last ``patience`` validations were no better than one before them."""
    errors = validations(progress)
    return bool(patience and len(errors) > patience) and min(errors[-patience:]) >= min(
        errors[:-patience]
    )


def kept_row(progress: Progress, early_stop: int) -> dict[str, float]:
    """Return the metrics of the epoch whose weights a finished loop leaves in the network."""
    if early_stop and (errors := validations(progress)):
        return next(row for row in progress.history if row.get(VALIDATION) == min(errors))
    return progress.history[-1]


def _train(
    trainer: keras.Model, batches: Iterator[tuple[Any, Any]], epoch: int, bar: tqdm
) -> float:
    losses: list[float] = []
    for inputs, truth in batches:
        loss = float(trainer.train_on_batch(inputs, truth))
        if not math.isfinite(loss):
            raise _diverged(
                f"the loss of epoch {epoch + 1}, step {len(losses) + 1} is {loss}", epoch
            )
        losses.append(loss)
        bar.update()
        bar.set_postfix({"epoch": epoch + 1, "loss": f"{loss:.3f}"}, refresh=False)
    if not finite(trainer):
        raise _diverged(f"a weight is no longer a number after epoch {epoch + 1}", epoch)
    return float(np.mean(losses))


def _diverged(what: str, epoch: int) -> TrainingError:
    kept = f"the checkpoint of epoch {epoch} is kept: resume" if epoch else "start over"
    return TrainingError(f"{what}; {kept} with a lower --learning-rate")


def _validated(
    trainer: keras.Model,
    validate: Callable[[], float],
    progress: Progress,
    checkpoints: Path | None,
) -> float:
    """Measure the averaged weights and keep them if they are the best."""
    with averaged(trainer):
        error = validate()
        if not math.isfinite(error):
            raise _diverged(f"the validation error is {error}", progress.epoch)
        if checkpoints and error < min(validations(progress), default=math.inf):
            save_best(checkpoints, trainer)
    return error


def _learning_rate(trainer: keras.Model) -> float:
    """Return the learning rate at the end of an epoch."""
    return float(keras.ops.convert_to_numpy(trainer.optimizer.learning_rate))


def _write_metrics(path: Path, progress: Progress) -> None:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, COLUMNS)
    writer.writeheader()
    writer.writerows(progress.history)
    write_whole(path, text.getvalue().encode())
