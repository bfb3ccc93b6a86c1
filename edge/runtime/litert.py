"""LiteRT (``ai-edge-litert``), or ``tflite-runtime`` where that is what the machine has.

The ``Interpreter`` class, not ``CompiledModel``: the latter crashes the process on a damaged file.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.util import find_spec
from typing import Any

import numpy as np

from edge.runtime.pixels import PixelReader, pixel_reader
from landmarks.card import ModelCard
from landmarks.decode import OutputTensor
from landmarks.errors import MissingExtraError, ModelFileError
from landmarks.model_file import ModelFile
from landmarks.types import Image

PIPE_BYTES = 1 << 16


class LiteRtNetwork:
    """A ``.tflite`` file ready to run; one caller at a time."""

    def __init__(self, file: ModelFile, *, threads: int) -> None:
        """Load and plan the graph.

        Args:
            file: a verified model file.
            threads: for XNNPACK.

        Raises:
            MissingExtraError: no interpreter is installed.
            ModelFileError: the interpreter refuses the graph, or it does not fit its card.
        """
        self.card: ModelCard = file.card
        try:
            self._interpreter = open_interpreter(file.graph, threads=threads)
        except (ValueError, RuntimeError) as error:
            raise ModelFileError(f"{file.path}: the interpreter refuses it: {error}") from None
        (self._input,) = self._interpreter.get_input_details()
        self._pixels: PixelReader = pixel_reader(
            file, self._input["shape"], np.dtype(self._input["dtype"])
        )
        details = self._interpreter.get_output_details()
        if len(details) != len(self.card.outputs):
            raise ModelFileError(
                f"{file.path}: {len(details)} outputs, its card says {self.card.outputs}"
            )
        self._outputs = tuple(zip(self.card.outputs, details, strict=True))

    def infer(self, crop: Image) -> Mapping[str, OutputTensor]:
        """Run the network on one RGB uint8 crop (size, size, 3)."""
        self._interpreter.set_tensor(self._input["index"], self._pixels(crop))
        self._interpreter.invoke()
        return {name: self._read(detail) for name, detail in self._outputs}

    def _read(self, detail: Mapping[str, Any]) -> OutputTensor:
        scale, zero_point = detail["quantization"]
        values = self._interpreter.get_tensor(detail["index"])[0]
        return OutputTensor(values, float(scale) or 1.0, int(zero_point))


def open_interpreter(graph: bytes, *, threads: int) -> Any:
    """Return an interpreter with its tensors allocated.

    Args:
        graph: a flatbuffer.
        threads: for XNNPACK.

    Raises:
        MissingExtraError: no interpreter is installed.
        ValueError, RuntimeError: the interpreter refuses the graph.
    """
    with _without_announcements():
        interpreter = _interpreter_class()(model_content=graph, num_threads=threads)
        interpreter.allocate_tensors()
    return interpreter


@contextmanager
def _without_announcements() -> Iterator[None]:
    """Keep the runtime's INFO lines, written by C++ to stderr, from the user; pass on the rest.

    They wait in a pipe, which needs no disk that can be written; what it has no room for is lost.
    """
    reader, writer = os.pipe()
    os.set_blocking(reader, False)  # a process started meanwhile may hold the writer open
    os.set_blocking(writer, False)  # else a pipe that is full would stop the runtime for good
    stderr = os.dup(2)
    os.dup2(writer, 2)
    os.close(writer)
    try:
        yield
    finally:
        os.dup2(stderr, 2)
        os.close(stderr)
        try:
            said = os.read(reader, PIPE_BYTES)
        except BlockingIOError:
            said = b""
        os.close(reader)
        for line in said.splitlines(keepends=True):
            if not line.startswith(b"INFO:"):
                os.write(2, line)


def _interpreter_class() -> Any:
    try:
        from ai_edge_litert.interpreter import Interpreter
    except ImportError:
        if find_spec("tflite_runtime") and not np.__version__.startswith("1."):
            raise MissingExtraError(
                f"tflite-runtime needs NumPy 1, here is {np.__version__}: "
                "pip install 'numpy<2' 'opencv-python-headless<4.12'"
            ) from None
        try:
            from tflite_runtime.interpreter import Interpreter
        except ImportError:
            raise MissingExtraError(
                "no TFLite interpreter: pip install ai-edge-litert (64-bit) or tflite-runtime"
            ) from None
    return Interpreter
