"""The loop of every training: epochs, checkpoints, validation, and a clear end.

A run folder gets ``metrics.csv`` and ``checkpoint/``. A run that was killed at any moment goes on
after its last complete epoch and ends with the weights of an unbroken one.
"""

from __future__ import annotations

import csv
import logging
import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
from tqdm import tqdm

from landmarks.errors import TrainingError
from landmarks.files import atomic_write
from train.checkpoint import Progress, load_best, load_checkpoint, save_best, save_checkpoint

logger = logging.getLogger(__name__)
COLUMNS = ("epoch", "loss", "validation_nme_percent", "seconds")
Batches = Callable[[int], Iterator[tuple[Any, Any]]]


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
) -> Progress:
    """Train a compiled network; in the end it holds the averaged, or the best, weights.

    Args:
        trainer: compiled.
        batches: gives input and truth of every step of an epoch.
        folder: of the run.
        config: length of the run.
        validate: returns the error of the network as it is, in percent; None for no validation.
        resume: go on from the checkpoints in the folder.

    Raises:
        TrainingError: the loss is no longer a number; the last good checkpoint is kept.
    """
    checkpoints = folder / "checkpoint"
    progress = load_checkpoint(checkpoints, trainer) if resume else Progress()
    bar = tqdm(
        initial=progress.epoch * config.steps,
        total=config.epochs * config.steps,
        desc=folder.name,
        unit="step",
        disable=None,
    )
    with bar:
        for epoch in range(progress.epoch, config.epochs):
            if stops_early(progress, config.early_stop):
                break
            start = time.monotonic()
            row = {"epoch": epoch + 1, "loss": _train(trainer, batches(epoch), epoch, bar)}
            last = epoch + 1 == config.epochs
            if validate and (last or (epoch + 1) % config.validate_every == 0):
                row["validation_nme_percent"] = _validated(trainer, validate, progress, checkpoints)
            row["seconds"] = time.monotonic() - start
            progress = Progress(epoch + 1, (*progress.history, row))
            save_checkpoint(checkpoints, trainer, progress)
            _write_metrics(folder / "metrics.csv", progress)
            logger.info("%s", " ".join(f"{key} {value:.4g}" for key, value in row.items()))
    _average(trainer)
    if config.early_stop and validations(progress):
        load_best(checkpoints, trainer)
    return progress


def validations(progress: Progress) -> list[float]:
    """Return the errors of all validations so far, percent."""
    key = "validation_nme_percent"
    return [row[key] for row in progress.history if key in row]


def stops_early(progress: Progress, patience: int) -> bool:
    """Say whether the last ``patience`` validations were no better than one before them."""
    errors = validations(progress)
    return bool(patience and len(errors) > patience) and min(errors[-patience:]) >= min(
        errors[:-patience]
    )


def _train(
    trainer: keras.Model, batches: Iterator[tuple[Any, Any]], epoch: int, bar: tqdm
) -> float:
    losses = []
    for inputs, truth in batches:
        loss = float(trainer.train_on_batch(inputs, truth))
        if not math.isfinite(loss):
            raise TrainingError(
                f"the loss of epoch {epoch + 1}, step {len(losses) + 1} is {loss}; the checkpoint "
                f"of epoch {epoch} is kept: resume with a lower --learning-rate"
            )
        losses.append(loss)
        bar.update()
        bar.set_postfix({"epoch": epoch + 1, "loss": f"{loss:.3f}"}, refresh=False)
    return float(np.mean(losses))


def _validated(
    trainer: keras.Model, validate: Callable[[], float], progress: Progress, checkpoints: Path
) -> float:
    """Measure the averaged weights, keep them if they are the best, and go on with the others."""
    weights = trainer.get_weights()
    _average(trainer)
    error = validate()
    if error < min(validations(progress), default=math.inf):
        save_best(checkpoints, trainer)
    trainer.set_weights(weights)
    return error


def _average(trainer: keras.Model) -> None:
    """Put the moving average of the weights, if the optimizer has one, into the network."""
    trainer.optimizer.finalize_variable_values(trainer.trainable_variables)


def _write_metrics(path: Path, progress: Progress) -> None:
    with atomic_write(path, force=True) as temporary, temporary.open("w", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows(progress.history)
