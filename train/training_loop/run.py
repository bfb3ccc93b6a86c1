"""One training run, whatever is taught: the same folder, loop, validation and end for all of them.

A caller sets the seed, builds its network and its batches, and saves what comes out.
``train.fit`` trains landmark networks, ``train.finder.fit`` face finders, ``train.selftrain`` the
rounds of a self-training, and ``quantize.fine_tune`` trains a network on.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras

from landmarks.errors import TrainingError
from train.settings.config_file import write_config
from train.training_loop.checkpoint import Progress
from train.training_loop.cluster import ALONE, Cluster
from train.training_loop.loop import Batches, LoopConfig, run_epochs
from train.training_loop.run_folder import clear_run


@dataclass(frozen=True)
class Run:
    """Where a training run happens and how long it takes.

    Attributes:
        folder: gets ``config.toml``, ``metrics.csv``, ``tensorboard/`` and ``checkpoint/``.
        loop: its length.
        settings: what ``config.toml`` says.
        resume: go on from the checkpoints in the folder; what an earlier run left is deleted
            otherwise.
    """

    folder: Path
    loop: LoopConfig
    settings: Mapping[str, Any]
    resume: bool = False


@dataclass(frozen=True)
class Trained:
    """A network and what trains it.

    Attributes:
        network: what is trained: a copy of ``plain``, see ``train.training_loop.training_copy``.
        trainer: compiled; joins the outputs of ``network``.
        plain: gets the weights of ``network`` before each validation and at the end; it may be
            ``network`` itself.
        batches: of an epoch.
        validate: returns the error of the network as it is, in percent; None for no validation.
    """

    network: keras.Model
    trainer: keras.Model
    plain: keras.Model
    batches: Batches
    validate: Callable[[], float] | None = None


def train_run(run: Run, trained: Trained, *, cluster: Cluster = ALONE) -> Progress:
    """Train a network; in the end ``plain`` holds the averaged, or the best, weights.

    Args:
        run: what is to be done, and where.
        trained: the network and what trains it.
        cluster: the processes that train together; its chief alone writes.

    Raises:
        TrainingError: the loss is no longer a number; the last good checkpoint is kept.
        OSError: the folder cannot be written to; what is there stays whole.
    """
    if cluster.chief:
        clear_run(run.folder, keep=run.resume)
        write_config(run.folder / "config.toml", run.settings)
    validate = trained.validate

    def error_percent() -> float:
        _hand_over(trained)
        return validate() if validate else float("nan")

    progress = run_epochs(
        trained.trainer,
        trained.batches,
        run.folder,
        run.loop,
        validate=error_percent if validate else None,
        resume=run.resume,
        cluster=cluster,
    )
    _hand_over(trained)
    return progress


def steps_of(examples: int, batch: int, what: str = "faces") -> int:
    """Return how many batches an epoch has.

    Raises:
        TrainingError: there are too few examples for one.
    """
    if examples < batch:
        raise TrainingError(f"{examples} training {what} do not fill a batch of {batch}")
    return examples // batch


def _hand_over(trained: Trained) -> None:
    """Put the weights as they are into the plain network."""
    if trained.plain is not trained.network:
        trained.plain.set_weights(trained.network.get_weights())
