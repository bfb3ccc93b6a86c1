"""The finder that is shipped: an INT8 network that ``python -m train fit --model finder`` made."""

from __future__ import annotations

from pathlib import Path

from edge.models import FINDER
from edge.runtime import open_network
from landmarks.find import NetworkFinder


def open_own_finder(model: str | Path = FINDER, *, threads: int | None = None) -> NetworkFinder:
    """Open a finder network.

    Args:
        model: path of a ``.tflite`` or ``.onnx`` file, or the name of a shipped one.
        threads: for the interpreter; ``edge.runtime.default_threads()`` when None.

    Raises:
        ModelFileError: no such file or name, damaged, or a network that finds no faces.
        MissingExtraError: the interpreter is not installed.
    """
    return NetworkFinder.of(open_network(model, threads=threads))
