"""Interpreters behind one door: ``open_network(path_or_name)`` gives a ``Network``.

The file is verified before an interpreter sees it; the suffix chooses the interpreter.
"""

from __future__ import annotations

import os
from pathlib import Path

from edge.models import MODELS_DIR, model_path
from landmarks.errors import ModelFileError
from landmarks.locate import Network
from landmarks.model_file import read_model

MOST_THREADS = 256  # more than any board has cores

__all__ = ["MODELS_DIR", "MOST_THREADS", "default_threads", "open_network"]


def default_threads() -> int:
    """Return how many threads to use: one core stays free for the camera and Python."""
    return max(1, min(3, (os.cpu_count() or 1) - 1))


def open_network(model: str | Path = "default", *, threads: int | None = None) -> Network:
    """Load a model file.

    Args:
        model: path of a ``.tflite`` or ``.onnx`` file, or the name of a shipped model.
        threads: for the interpreter; ``default_threads()`` when None.

    Raises:
        ModelFileError: no such file or name, damaged, or not what its card says.
        MissingExtraError: the interpreter is not installed.
    """
    file = read_model(model_path(model))
    threads = default_threads() if threads is None else threads
    if file.path.suffix == ".tflite":
        from edge.runtime.litert import LiteRtNetwork

        return LiteRtNetwork(file, threads=threads)
    if file.path.suffix == ".onnx":
        from edge.runtime.onnx import OnnxNetwork

        return OnnxNetwork(file, threads=threads)
    raise ModelFileError(
        f"{file.path}: the device runs .tflite and .onnx files; make one with "
        f"python -m quantize --int8 --model {file.path}"
    )
