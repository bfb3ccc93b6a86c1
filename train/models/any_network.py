"""A model file of any kind as a ``landmarks.locate.Network``: Keras, TFLite or ONNX."""

from __future__ import annotations

from pathlib import Path

from edge.models import model_path
from edge.runtime import open_network
from landmarks.locate import Network


def open_any(model: Path | str) -> Network:
    """Open a file, or a shipped model by its name.

    Raises:
        ModelFileError: it is missing, damaged or no model.
    """
    path = model_path(model)
    if path.suffix != ".keras":
        return open_network(path)
    from train.models.network import KerasNetwork  # TensorFlow takes seconds to import

    return KerasNetwork(path)
