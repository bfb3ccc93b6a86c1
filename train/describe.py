"""What a model file is: its card, and for a Keras file parameters and multiply-accumulates."""

from __future__ import annotations

from typing import Any

import keras

from edge.models import model_path
from landmarks.model_file import read_model


def describe(model: str) -> dict[str, Any]:
    """Return what is known of a model file, or of a shipped model by name, ready for JSON.

    Parameters and MACs come from the network itself where it is a Keras file; an INT8 file says
    what its card took over from its parent.
    """
    path = model_path(model)
    file = read_model(path)
    card = file.card
    return {
        "model": str(path),
        "name": card.name,
        "architecture": card.architecture,
        "precision": card.precision,
        "bytes": path.stat().st_size,
        "sha256": file.sha256,
        "input": [1, card.input_size, card.input_size, 3],
        "outputs": list(card.outputs),
        "scheme": card.scheme,
        "parameters": card.training.get("parameters"),
        "macs": card.training.get("macs"),
        "card": card.to_dict(),
    }


def count_macs(network: keras.Model) -> int:
    """Return the multiply-accumulates of one inference: convolutions and dense layers.

    Args:
        network: a built functional Keras model.
    """
    total = 0
    for layer in network.layers:
        if isinstance(layer, keras.layers.DepthwiseConv2D):
            _, height, width, channels = layer.output.shape
            total += height * width * channels * layer.kernel_size[0] * layer.kernel_size[1]
        elif isinstance(layer, keras.layers.Conv2D):
            _, height, width, channels = layer.output.shape
            inputs = layer.input.shape[-1]
            total += height * width * channels * inputs * layer.kernel_size[0] ** 2
        elif isinstance(layer, keras.layers.Dense):
            total += layer.input.shape[-1] * layer.units
    return int(total)
