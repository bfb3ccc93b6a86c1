"""Learning rates over a run: ours and those of the two papers, as Keras schedules."""

from __future__ import annotations

from typing import get_args

import keras

from train.settings.schedule import Kind, ScheduleConfig


def learning_rate(
    config: ScheduleConfig, peak: float, *, epochs: int, steps: int
) -> keras.optimizers.schedules.LearningRateSchedule:
    """Return the schedule of a run.

    Args:
        config: which one.
        peak: largest learning rate.
        epochs: length of the run.
        steps: of an epoch.

    Raises:
        ValueError: unknown kind.
    """
    schedules = keras.optimizers.schedules
    if config.kind == "cosine":
        warmup = config.warmup_epochs * steps
        return schedules.CosineDecay(
            initial_learning_rate=0.0 if warmup else peak,
            decay_steps=max(epochs * steps - warmup, 1),
            alpha=0.01,
            warmup_target=peak if warmup else None,
            warmup_steps=warmup,
        )
    if config.kind == "steps":
        return schedules.PiecewiseConstantDecay(
            boundaries=[epoch * steps for epoch in config.milestones],
            values=[peak * config.factor**i for i in range(len(config.milestones) + 1)],
        )
    if config.kind == "inverse-time":
        return schedules.InverseTimeDecay(peak, decay_steps=1, decay_rate=config.decay)
    raise ValueError(f"schedule must be one of {get_args(Kind)}, received {config.kind!r}")
