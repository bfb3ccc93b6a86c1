"""ONNX Runtime, an extra: ``pip install 'edge-landmarks[onnx]'``."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from edge.runtime.pixels import PixelReader, pixel_reader
from landmarks.card import ModelCard
from landmarks.decode import OutputTensor
from landmarks.errors import MissingExtraError, ModelFileError
from landmarks.model_file import ModelFile
from landmarks.types import Image

# From 1.29 on ONNX Runtime writes an identifier of the machine into the user's cache folder and
# looks up a host to send it to. It reads this variable while it is imported.
TELEMETRY_OFF = ("ORT_DISABLE_TELEMETRY", "1")
_DTYPES: dict[str, np.dtype[Any]] = {
    "tensor(int8)": np.dtype(np.int8),
    "tensor(uint8)": np.dtype(np.uint8),
    "tensor(float)": np.dtype(np.float32),
}


class OnnxNetwork:
    """An ``.onnx`` file ready to run on the CPU."""

    def __init__(self, file: ModelFile, *, threads: int) -> None:
        """Load and plan the graph; arguments and errors as for ``LiteRtNetwork``."""
        self.card: ModelCard = file.card
        self._session = open_session(file.graph, file.path, threads=threads)
        (tensor,) = self._session.get_inputs()
        self._input = tensor.name
        if tensor.type not in _DTYPES:
            raise ModelFileError(f"{file.path}: its input is {tensor.type}, expected int8")
        dtype = _DTYPES[tensor.type]
        self._pixels: PixelReader = pixel_reader(file, tensor.shape, dtype)
        if len(self._session.get_outputs()) != len(self.card.outputs):
            raise ModelFileError(
                f"{file.path}: {len(self._session.get_outputs())} outputs, its card says "
                f"{self.card.outputs}"
            )
        # An ONNX graph does not say what its int8 outputs stand for: the card does.
        self._scales = {
            name: (float(scale), int(zero_point))
            for name, (scale, zero_point) in self.card.quantization.get("outputs", {}).items()
        }

    def infer(self, crop: Image) -> Mapping[str, OutputTensor]:
        """Run the network on one RGB uint8 crop (size, size, 3)."""
        values = self._session.run(None, {self._input: self._pixels(crop)})
        return {
            name: OutputTensor(value[0], *self._scales.get(name, (1.0, 0)))
            if value.dtype == np.int8
            else OutputTensor(value[0])
            for name, value in zip(self.card.outputs, values, strict=True)
        }


def open_session(graph: bytes, path: Path, *, threads: int) -> Any:
    """Return a session on the CPU that does not spin between runs.

    Args:
        graph: an ONNX model.
        path: where it was read, for messages.
        threads: within one operation; operations run one after the other.

    Raises:
        MissingExtraError: ONNX Runtime is not installed.
        ModelFileError: it refuses the graph.
    """
    ort = _onnxruntime()
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    try:
        return ort.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # its errors share no base class but Exception
        first = str(error).splitlines()[0]
        raise ModelFileError(f"{path}: ONNX Runtime refuses it: {first}") from None


def _onnxruntime() -> Any:
    """Import ONNX Runtime; nothing of the machine leaves this process."""
    name, value = TELEMETRY_OFF
    os.environ[name] = value
    try:
        import onnxruntime
    except ImportError:
        raise MissingExtraError(
            "an .onnx model needs ONNX Runtime: pip install 'edge-landmarks[onnx]'"
        ) from None
    return onnxruntime
