"""Weights that a network starts from: those of another one, layer by layer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import keras

from landmarks.errors import ModelFileError
from train.models.network import KerasNetwork


def take_weights(network: keras.Model, source: keras.Model) -> tuple[str, ...]:
    """Copy the weights of all layers that two networks share by name and shape.

    Args:
        network: gets them.
        source: keeps them.

    Returns:
        Names of the layers that keep their own weights, for want of a match.
    """
    known = {layer.name: layer for layer in source.layers}
    alone = []
    for layer in network.layers:
        if not layer.weights:
            continue
        other = known.get(layer.name)
        if other is not None and list(_shapes(other)) == list(_shapes(layer)):
            layer.set_weights(other.get_weights())
        else:
            alone.append(layer.name)
    return tuple(alone)


def start_from(network: keras.Model, path: Path, report: Callable[[str], None]) -> None:
    """Take the weights of a saved network, and say which layers start anew.

    Args:
        network: gets them.
        path: a ``.keras`` file with its card.
        report: takes one line of text.

    Raises:
        ModelFileError: it is missing or damaged, or has no layer in common with this network.
    """
    alone = take_weights(network, KerasNetwork(path).model)
    with_weights = [layer for layer in network.layers if layer.weights]
    if len(alone) == len(with_weights):
        raise ModelFileError(f"{path}: no layer of it has the name and shape of one of this model")
    taken = f"{len(with_weights) - len(alone)} of {len(with_weights)} layers"
    report(f"weights of {taken} from {path.name}; new: {', '.join(alone) or 'none'}")


def _shapes(layer: keras.Layer) -> Iterator[tuple[int, ...]]:
    return (tuple(weight.shape) for weight in layer.weights)
