"""From a method to a compiled network: what takes the steps of a run."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

import keras

from train.methods.method import Method
from train.settings.fit import FitConfig
from train.settings.schedule import ScheduleConfig
from train.training_loop.schedule import learning_rate
from train.training_loop.training_copy import training_copy


def build_trainer(
    method: Method, config: FitConfig, steps: int, *, synchronized: bool = False
) -> tuple[keras.Model, keras.Model]:
    """Return the network to train, and the compiled trainer that joins its outputs.

    Args:
        method: what is taught; its own network stays as it is.
        config: of the run.
        steps: of an epoch.
        synchronized: whether batch normalisation looks at the batches of all processes.
    """
    network = training_copy(
        method.network,
        norm_momentum=config.norm_momentum,
        precision=config.precision,
        synchronized=synchronized,
    )
    trainer = method.joined(network)
    trainer.compile(optimizer=build_optimizer(config, steps), loss=with_an_axis(method.loss()))
    return network, trainer


class OptimizerSettings(Protocol):
    """What of a run's configuration an optimizer needs; see ``train.settings.fit``."""

    @property
    def epochs(self) -> int:
        """Length of the run."""
        ...

    @property
    def optimizer(self) -> str:
        """``"adamw"`` or ``"adam"``."""
        ...

    @property
    def learning_rate(self) -> float:
        """Peak of the schedule."""
        ...

    @property
    def weight_decay(self) -> float:
        """Of AdamW; 0 or more."""
        ...

    @property
    def ema(self) -> float:
        """Momentum of the moving average of the weights; 0 for none."""
        ...

    @property
    def precision(self) -> str:
        """Of the arithmetic: a Keras dtype policy."""
        ...

    @property
    def schedule(self) -> ScheduleConfig:
        """How the learning rate changes."""
        ...


def build_optimizer(config: OptimizerSettings, steps: int) -> keras.optimizers.Optimizer:
    """Return the optimizer of a run with ``steps`` steps an epoch."""
    rate = learning_rate(config.schedule, config.learning_rate, epochs=config.epochs, steps=steps)
    average = {"use_ema": True, "ema_momentum": config.ema} if config.ema else {}
    if config.optimizer == "adam":
        optimizer = keras.optimizers.Adam(rate, **average)
    else:
        optimizer = keras.optimizers.AdamW(rate, weight_decay=config.weight_decay, **average)
        optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
    if config.precision == "mixed_float16":  # its small gradients are zero if they are not scaled
        return keras.optimizers.LossScaleOptimizer(optimizer)
    return optimizer


def with_an_axis(loss: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    """Return a loss (1,) for a scalar one: Keras divides no scalar by the number of replicas."""
    return lambda y_true, y_pred: keras.ops.reshape(loss(y_true, y_pred), (1,))
