from __future__ import annotations

import keras
import numpy as np
import pytest
from ai_edge_litert.interpreter import Interpreter

from edge.runtime.delegation import delegation_of
from quantize.config import PtqConfig
from quantize.files.tflite import export_float, export_int8
from quantize.networks.fold import fold
from quantize.ptq import quantize_after_training
from tests.quantize.conftest import SIZE, randomise
from train.models.backbones import pixels
from train.models.pip_head import pip_head


def answers(graph, crop):
    """Real outputs of a graph by name."""
    interpreter = Interpreter(model_content=graph.data)
    interpreter.allocate_tensors()
    (detail,) = interpreter.get_input_details()
    pixels = crop.astype(np.float32)
    if detail["dtype"] == np.int8:
        pixels = (crop.astype(np.int16) - 128).astype(np.int8)
    interpreter.set_tensor(detail["index"], pixels[None])
    interpreter.invoke()
    real = {}
    for name, output in zip(graph.outputs, interpreter.get_output_details(), strict=True):
        scale, zero_point = graph.scales.get(name, (1.0, 0))
        values = interpreter.get_tensor(output["index"]).astype(np.float32)
        real[name] = (values - zero_point) * scale
    return real


def test_every_tensor_is_an_integer_and_the_input_is_the_pixel_minus_128(graph):
    interpreter = Interpreter(model_content=graph.data)
    interpreter.allocate_tensors()
    assert {d["dtype"] for d in interpreter.get_tensor_details()} <= {np.int8, np.int32}
    assert interpreter.get_input_details()[0]["quantization"] == (1 / 128, 0)


def test_the_file_answers_like_the_network_with_roundings(rounded, graph, calibration):
    for crop in calibration.crops[:4]:
        expected = rounded.simulated(crop[None], training=False)
        for name, real in answers(graph, crop).items():
            units = np.abs(real - np.asarray(expected[name])) / graph.scales[name][0]
            assert units.mean() < 1.0, name
            assert units.max() < 8, name


def test_the_same_network_gives_the_same_bytes(tiny, calibration, graph):
    again = quantize_after_training(fold(tiny.model), calibration, PtqConfig())
    assert export_int8(again.simulated, calibration.crops[0]).data == graph.data


def test_a_float_head_leaves_float_outputs_on_an_int8_trunk(tiny, calibration):
    rounded = quantize_after_training(fold(tiny.model), calibration, PtqConfig(float_head=True))
    graph = export_int8(rounded.simulated, calibration.crops[0])
    assert graph.scales == {}
    interpreter = Interpreter(model_content=graph.data)
    interpreter.allocate_tensors()
    kinds = [d["dtype"] for d in interpreter.get_tensor_details()]
    assert kinds.count(np.int8) > kinds.count(np.float32) > 0


@pytest.mark.parametrize("precision", ["float32", "float16", "dynamic", "int16x8"])
def test_other_precisions_take_pixels_and_answer_like_the_network(tiny, calibration, precision):
    graph = export_float(fold(tiny.model), precision, calibration.crops)
    expected = tiny.model.predict(calibration.crops[:1], verbose=0)
    tolerance = {"float32": 1e-5, "float16": 0.01}.get(precision, 0.1)
    for name, real in answers(graph, calibration.crops[0]).items():
        wrong = np.abs(real - expected[name]).mean() / np.abs(expected[name]).mean()
        assert wrong < tolerance, name


def test_a_transposed_convolution_is_rounded_too(calibration):
    """PIPNet's way to stride 16."""
    keras.utils.set_random_seed(6)
    image, x = pixels(SIZE)
    x = keras.layers.ReLU()(keras.layers.Conv2D(8, 4, 4)(x))
    x = keras.layers.Conv2DTranspose(8, 4, 2, padding="same", use_bias=False)(x)
    x = keras.layers.ReLU()(keras.layers.BatchNormalization()(x))
    model = keras.Model(image, pip_head(x, 68, 0))
    randomise(model)
    rounded = quantize_after_training(fold(model), calibration, PtqConfig())
    graph = export_int8(rounded.simulated, calibration.crops[0])
    expected = model.predict(calibration.crops[:1], verbose=0)
    for name, real in answers(graph, calibration.crops[0]).items():
        assert np.corrcoef(real.ravel(), expected[name].ravel())[0, 1] > 0.95, name
    assert delegation_of(graph.data).left_out == ()


def test_coordinates_and_pose_are_named(tiny_regression, calibration):
    rounded = quantize_after_training(fold(tiny_regression.model), calibration, PtqConfig())
    graph = export_int8(rounded.simulated, calibration.crops[0])
    assert sorted(graph.outputs) == ["points", "pose"]
