"""The INT8 TFLite graph as QDQ ONNX: the same weights, scales and zero points in another file."""

from __future__ import annotations

import logging
import tempfile
import warnings
from pathlib import Path

import tf2onnx
from onnx import ModelProto

OPSET = 17


def derive_onnx(tflite: bytes) -> ModelProto:
    """Convert a full-INT8 TFLite graph.

    Args:
        tflite: the flatbuffer, without a card.

    Returns:
        The ONNX model; its outputs keep their order and stay int8.
    """
    logging.getLogger("tf2onnx").setLevel(logging.ERROR)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "graph.tflite"
        path.write_bytes(tflite)
        with warnings.catch_warnings():
            # tf2onnx reads the file with tf.lite.Interpreter, which announces its own end
            warnings.filterwarnings("ignore", message=".*tf.lite.Interpreter is deprecated")
            model, _ = tf2onnx.convert.from_tflite(str(path), opset=OPSET)
    return model
