"""What the input pipeline costs: steps of the network alone against steps of the whole loop.

Both take turns in blocks within one process, so that whatever else the machine does falls on both
alike; the ratio counts, the times are those of this machine at this moment.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Generator, Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import count, repeat
from typing import Any

import keras

from landmarks.errors import UsageError
from train.methods.catalogue import build_method
from train.preparation.prepared import open_prepared
from train.preparation.validation_split import split_validation
from train.settings.fit import FitConfig
from train.training_loop.batches import AHEAD
from train.training_loop.landmark_batches import augmented_batches
from train.training_loop.loop import Batches
from train.training_loop.trainer import build_trainer

BLOCK = 4  # steps in a turn
# Untimed steps of the loop before each turn, until its queue is as full or as empty as it stays.
SETTLE = AHEAD
WARM_UP = 2  # steps that trace and compile


@dataclass(frozen=True)
class Throughput:
    """Step times of one network.

    Attributes:
        model, size, batch: what was measured.
        steps: of each kind.
        network_ms: median step of the network alone, on one fixed batch.
        loop_ms: median step of the whole loop, with its input pipeline.
        ratio: time of the loop divided by that of the network, the median over all turns. Within a
            turn sums are compared: a pipeline that falls behind makes some steps wait, not all.
        images_per_second: of the whole loop.
    """

    model: str
    size: int
    batch: int
    steps: int
    network_ms: float
    loop_ms: float
    ratio: float
    images_per_second: float


def throughput(config: FitConfig, steps: int = 40) -> Throughput:
    """Measure the training steps of a run without writing anything.

    Args:
        config: of the run; its ``out`` is not touched.
        steps: of each kind, rounded up to whole turns.

    Raises:
        DatasetError: the prepared data cannot be used.
        UsageError: they do not fill a batch.
    """
    data = open_prepared(config.data)
    training, _ = split_validation(data.info.names, config.validation_percent)
    if len(training) < config.batch:
        raise UsageError(f"{len(training)} faces do not fill a batch of {config.batch}")
    keras.utils.set_random_seed(config.seed)
    method = build_method(config, data, training)
    _, trainer = build_trainer(method, config, len(training) // config.batch)

    batches = augmented_batches(method, data, training, config)
    fixed = next(batches(0))
    for _ in range(WARM_UP):
        trainer.train_on_batch(*fixed)
    alone: list[float] = []
    whole: list[float] = []
    ratios: list[float] = []
    while len(whole) < steps:
        alone += _timed_ms(trainer, repeat(fixed))
        running = _endless(batches, first_epoch=len(whole))
        for _ in range(SETTLE):
            trainer.train_on_batch(*next(running))
        whole += _timed_ms(trainer, running)
        ratios.append(sum(whole[-BLOCK:]) / sum(alone[-BLOCK:]))
        running.close()  # nothing is made ahead while the network runs alone
    return Throughput(
        model=config.model,
        size=config.size,
        batch=config.batch,
        steps=len(whole),
        network_ms=statistics.median(alone),
        loop_ms=statistics.median(whole),
        ratio=statistics.median(ratios),
        images_per_second=1000 * config.batch / statistics.fmean(whole),
    )


def _timed_ms(trainer: keras.Model, batches: Iterator[tuple[Any, Any]]) -> list[float]:
    """Return how long each of the next steps takes, the wait for its batch included."""
    times = []
    for _ in range(BLOCK):
        start = time.perf_counter()
        trainer.train_on_batch(*next(batches))
        times.append(1000 * (time.perf_counter() - start))
    return times


def _endless(batches: Batches, first_epoch: int) -> Generator[tuple[Any, Any], None, None]:
    """Yield the batches of one epoch after another."""
    for epoch in count(first_epoch):
        with closing(batches(epoch)) as running:
            yield from running
