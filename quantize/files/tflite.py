"""Keras networks as TFLite graphs: full INT8 from a network with its roundings, others from floats.

The INT8 graph starts behind the network's own pixel scaling: its input is the real number
(pixel - 128) / 128, whose int8 form with scale 1/128 and zero point 0 is ``pixel - 128``, so the
device does no arithmetic on pixels. All other graphs take the pixels as floats, 0 to 255.
"""

from __future__ import annotations

import logging
import warnings
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import numpy.typing as npt
import tensorflow as tf
from ai_edge_litert.interpreter import Interpreter
from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2

from landmarks.errors import QuantizationError
from quantize.config import FloatPrecision
from quantize.files.outputs import name_outputs
from quantize.files.pack import packed
from quantize.networks.fake_quant import FakeQuant
from train.models.backbones import SCALING_LAYER

INPUT_SCALE, INPUT_ZERO_POINT = 1 / 128, 0


@dataclass(frozen=True)
class TfliteGraph:
    """A TFLite graph without a card.

    Attributes:
        data: the flatbuffer.
        outputs: name of each output, in the order of the file.
        scales: (scale, zero point) of each integer output by name.
    """

    data: bytes
    outputs: tuple[str, ...]
    scales: dict[str, tuple[float, int]]


def export_int8(simulated: keras.Model, probe: npt.NDArray[np.uint8]) -> TfliteGraph:
    """Convert a network with its roundings to full INT8.

    Args:
        simulated: from ``quantize.networks.simulate``; its pixel scaling is left to the device.
        probe: uint8 (size, size, 3), a face to tell the outputs of the file apart by.

    Raises:
        QuantizationError: a tensor stayed float, or the file does not answer like the network.
    """
    converter = _converter(_behind_scaling(simulated))
    # No representative data and no TFLITE_BUILTINS_INT8: either would calibrate anew.
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.inference_input_type = tf.int8
    converter.inference_output_type = tf.int8 if _rounds_outputs(simulated) else tf.float32
    data = _converted(converter)
    interpreter = _planned(data)
    _check_input(interpreter)
    if _rounds_outputs(simulated):
        _check_int8(interpreter)
    pixels = (probe.astype(np.int16) - 128).astype(np.int8)
    return _named(data, interpreter, pixels, simulated, probe)


def export_float(
    folded: keras.Model, precision: FloatPrecision, crops: npt.NDArray[np.uint8]
) -> TfliteGraph:
    """Convert a folded network with float input and output.

    Args:
        folded: from ``quantize.networks.fold``.
        precision: ``"float32"``; ``"float16"`` weights; ``"dynamic"``: int8 weights, activations
            rounded as they come; ``"int16x8"``: int8 weights, int16 activations.
        crops: uint8 (n, size, size, 3), calibration of ``"int16x8"``; the first tells the outputs
            apart.

    Raises:
        QuantizationError: the file does not answer like the network.
    """
    scaling = folded.get_layer(SCALING_LAYER)
    pixels = keras.Input(folded.input.shape[1:], name="image")
    scaled = scaling.__class__.from_config(scaling.get_config())(pixels)
    converter = _converter(keras.Model(pixels, _behind_scaling(folded)(scaled), name="network"))
    if precision != "float32":
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
    if precision == "float16":
        converter.target_spec.supported_types = [tf.float16]
    if precision == "int16x8":
        converter.representative_dataset = lambda: ([crop[None].astype("f4")] for crop in crops)
        converter.target_spec.supported_ops = [
            tf.lite.OpsSet.EXPERIMENTAL_TFLITE_BUILTINS_ACTIVATIONS_INT16_WEIGHTS_INT8
        ]
    data = _converted(converter)
    return _named(data, _planned(data), crops[0].astype(np.float32), folded, crops[0])


def _behind_scaling(model: keras.Model) -> keras.Model:
    # A fixed name: automatic ones count up and would change the bytes of the next file.
    return keras.Model(model.get_layer(SCALING_LAYER).output, model.output, name="network")


def _converter(model: keras.Model) -> Any:
    """Return a converter of a network, its variables as constants.

    It gets the function alone: given the model, it would first save and load all of that, which
    takes five times as long.
    """
    spec = tf.TensorSpec((1, *model.input.shape[1:]), tf.float32, name="image")
    function = tf.function(lambda image: model(image, training=False))
    frozen = convert_variables_to_constants_v2(function.get_concrete_function(spec))
    logger = logging.getLogger("absl")
    level = logger.level
    logger.setLevel(logging.ERROR)  # it warns of a path that will go some day
    try:
        return tf.lite.TFLiteConverter.from_concrete_functions([frozen])
    finally:
        logger.setLevel(level)


def _converted(converter: Any) -> bytes:
    with warnings.catch_warnings():
        # the roundings in the network are the statistics that it misses
        warnings.filterwarnings("ignore", message="Statistics for quantized inputs")
        return packed(converter.convert())


def _planned(data: bytes) -> Interpreter:
    interpreter = Interpreter(model_content=data)
    interpreter.allocate_tensors()
    return interpreter


def _rounds_outputs(simulated: keras.Model) -> bool:
    sources = [output._keras_history.operation for output in simulated.outputs]
    return all(isinstance(source, FakeQuant) for source in sources)


def _check_input(interpreter: Interpreter) -> None:
    (tensor,) = interpreter.get_input_details()
    if tensor["quantization"] != (INPUT_SCALE, INPUT_ZERO_POINT):
        raise QuantizationError(
            f"the input's scale and zero point are {tensor['quantization']}, expected "
            f"{(INPUT_SCALE, INPUT_ZERO_POINT)}"
        )


def _check_int8(interpreter: Interpreter) -> None:
    floats = [d["name"] for d in interpreter.get_tensor_details() if d["dtype"] == np.float32]
    if floats:
        raise QuantizationError(f"not fully INT8: {len(floats)} float tensors, e.g. {floats[0]}")


def _named(
    data: bytes,
    interpreter: Interpreter,
    pixels: npt.NDArray[Any],
    model: keras.Model,
    probe: npt.NDArray[np.uint8],
) -> TfliteGraph:
    """Return the graph with the names of its outputs, known by what they answer to a face."""
    interpreter.set_tensor(interpreter.get_input_details()[0]["index"], pixels[None])
    interpreter.invoke()
    details = interpreter.get_output_details()
    answers = []
    for detail in details:
        values = interpreter.get_tensor(detail["index"])[0]
        scale, zero_point = detail["quantization"]
        answers.append((values.astype(np.float32) - zero_point) * (scale or 1.0))
    expected = {name: np.asarray(v)[0] for name, v in model(probe[None], training=False).items()}
    names = name_outputs(answers, expected)
    scales = {
        name: (float(detail["quantization"][0]), int(detail["quantization"][1]))
        for name, detail in zip(names, details, strict=True)
        if detail["quantization"][0]
    }
    return TfliteGraph(data, names, scales)
