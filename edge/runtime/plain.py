"""A network file of somebody else, which has no card: one float tensor in, float tensors out.

Only the benchmark's peers need it; what ``edge-run`` runs goes through ``open_network``.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from landmarks.errors import ModelFileError
from landmarks.model_file import MOST_MODEL_BYTES
from landmarks.reading import read_whole
from landmarks.types import Floats

PlainNetwork = Callable[[Floats], tuple[Floats, ...]]  # outputs in the order of the file


def open_plain(path: Path, *, threads: int) -> PlainNetwork:
    """Load a ``.tflite`` or ``.onnx`` file with the settings that our own files get.

    Args:
        path: of the file.
        threads: for the interpreter.

    Returns:
        A function from the input, float32 in the shape of the file, to its outputs.

    Raises:
        ModelFileError: the file cannot be read, or the interpreter refuses it.
        MissingExtraError: the interpreter is not installed.
    """
    graph = read_whole(path, what="network file", most_bytes=MOST_MODEL_BYTES, error=ModelFileError)
    if path.suffix == ".onnx":
        return _onnx(graph, path, threads)
    if path.suffix == ".tflite":
        return _tflite(graph, path, threads)
    raise ModelFileError(f"{path}: expected a .tflite or .onnx file")


def _tflite(graph: bytes, path: Path, threads: int) -> PlainNetwork:
    from edge.runtime.litert import open_interpreter

    try:
        interpreter = open_interpreter(graph, threads=threads)
    except (ValueError, RuntimeError) as error:
        raise ModelFileError(f"{path}: the interpreter refuses it: {error}") from None
    source = interpreter.get_input_details()[0]["index"]
    outputs = [detail["index"] for detail in interpreter.get_output_details()]

    def run(values: Floats) -> tuple[Floats, ...]:
        interpreter.set_tensor(source, values)
        interpreter.invoke()
        return tuple(interpreter.get_tensor(index) for index in outputs)

    return run


def _onnx(graph: bytes, path: Path, threads: int) -> PlainNetwork:
    from edge.runtime.onnx import open_session

    session: Any = open_session(graph, path, threads=threads)
    name = session.get_inputs()[0].name

    def run(values: Floats) -> tuple[Floats, ...]:
        return tuple(np.asarray(output) for output in session.run(None, {name: values}))

    return run
