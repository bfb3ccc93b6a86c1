"""The moving average of a network's weights, looked at without disturbing the training."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import keras


def average(trainer: keras.Model) -> None:
    """Put the moving average of the weights, if the optimizer has one, into the network."""
    trainer.optimizer.finalize_variable_values(trainer.trainable_variables)


@contextmanager
def averaged(trainer: keras.Model) -> Iterator[None]:
    """Hold the averaged weights in the network for a block; training goes on with the others."""
    weights = trainer.get_weights()
    average(trainer)
    try:
        yield
    finally:
        trainer.set_weights(weights)
