"""A Keras network to a full-INT8 TFLite graph by post-training quantization.

The exported graph starts behind the network's own pixel scaling: its input is the real number
(pixel - 128) / 128, whose int8 form with scale 1/128 and zero point 0 is ``pixel - 128``, so the
device does no arithmetic on pixels. Batch normalisation is folded into the convolutions by the
converter; weights are per channel and symmetric, activations per tensor.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import numpy.typing as npt
import tensorflow as tf
from ai_edge_litert.interpreter import Interpreter
from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2

from landmarks.card import ModelCard, PipHead
from landmarks.errors import QuantizationError
from landmarks.schemes import get_scheme

SCALING_LAYER = "scale_pixels"
INPUT_SCALE, INPUT_ZERO_POINT = 1 / 128, 0
logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class QuantizedGraph:
    """A full-INT8 TFLite graph.

    Attributes:
        data: the flatbuffer.
        outputs: name of each output, in the order of the file.
        scales: (scale, zero point) of each output by name.
    """

    data: bytes
    outputs: tuple[str, ...]
    scales: dict[str, tuple[float, int]]


def quantize_ptq(
    model: keras.Model, card: ModelCard, crops: npt.NDArray[np.uint8]
) -> QuantizedGraph:
    """Quantize a network with MinMax ranges of calibration crops.

    Args:
        model: a network that scales its pixels in a layer called ``scale_pixels``.
        card: of the network.
        crops: uint8 (n, size, size, 3).

    Raises:
        QuantizationError: the converter leaves a float tensor, or changes the input's scale.
    """
    converter = tf.lite.TFLiteConverter.from_concrete_functions(*_frozen(model, card.input_size))
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = lambda: _representative(crops)
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    converter.inference_input_type = converter.inference_output_type = tf.int8
    data = converter.convert()
    interpreter = Interpreter(model_content=data)
    interpreter.allocate_tensors()
    _check_tensors(interpreter)
    details = interpreter.get_output_details()
    names = name_outputs([tuple(detail["shape"]) for detail in details], card)
    scales = {
        name: (float(detail["quantization"][0]), int(detail["quantization"][1]))
        for name, detail in zip(names, details, strict=True)
    }
    return QuantizedGraph(data, names, scales)


def name_outputs(shapes: Sequence[tuple[int, ...]], card: ModelCard) -> tuple[str, ...]:
    """Name the outputs of a converted graph by their channels: converters reorder and rename them.

    Args:
        shapes: of the outputs in the order of the file, each (1, G, G, channels).
        card: of the network.

    Raises:
        QuantizationError: the outputs are not those of the card's head.
    """
    head, n = card.head, get_scheme(card.scheme).n_points
    if not isinstance(head, PipHead):
        raise QuantizationError(f"{card.name}: only PIP heads can be quantized so far")
    channels = {n: "score", 2 * n: "offsets", 2 * n * head.k: "neighbours"}
    names = tuple(channels.get(int(shape[-1]), "?") for shape in shapes)
    if sorted(names) != sorted(channels.values()) or len(names) != 3:
        raise QuantizationError(f"{card.name}: outputs of shapes {shapes} do not fit its head")
    return names


def _frozen(model: keras.Model, size: int) -> tuple[list[Any], Any]:
    """Return the graph behind the pixel scaling, its variables as constants, for the converter."""
    scaled = model.get_layer(SCALING_LAYER).output
    # A fixed name: automatic ones count up and would change the bytes of the next file.
    behind = keras.Model(scaled, model.output, name="network")
    spec = tf.TensorSpec((1, size, size, 3), tf.float32, name="image")
    function = tf.function(lambda image: behind(image, training=False))
    frozen = convert_variables_to_constants_v2(function.get_concrete_function(spec))
    return [frozen], behind


def _representative(crops: npt.NDArray[np.uint8]) -> Iterator[list[npt.NDArray[np.float32]]]:
    for i, crop in enumerate(crops):
        pixels = crop[None].astype(np.float32)
        if i == 0:
            # One black and one white pixel pin the input's range, hence its scale to 1/128.
            pixels[0, 0, 0], pixels[0, 0, 1] = 0, 255
        yield [(pixels - 128) / 128]


def _check_tensors(interpreter: Interpreter) -> None:
    (tensor,) = interpreter.get_input_details()
    if tensor["quantization"] != (INPUT_SCALE, INPUT_ZERO_POINT):
        raise QuantizationError(
            f"the input's scale and zero point are {tensor['quantization']}, expected "
            f"{(INPUT_SCALE, INPUT_ZERO_POINT)}"
        )
    floats = [d["name"] for d in interpreter.get_tensor_details() if d["dtype"] == np.float32]
    if floats:
        raise QuantizationError(f"not fully INT8: {len(floats)} float tensors, e.g. {floats[0]}")
