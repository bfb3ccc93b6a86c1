from __future__ import annotations

import numpy as np
import pytest
from ai_edge_litert.interpreter import Interpreter

from landmarks.errors import QuantizationError
from quantize.tflite import name_outputs, quantize_ptq


def test_every_tensor_is_an_integer_and_the_input_is_the_pixel_minus_128(tiny_graph):
    graph, _ = tiny_graph
    interpreter = Interpreter(model_content=graph.data)
    interpreter.allocate_tensors()
    assert {d["dtype"] for d in interpreter.get_tensor_details()} <= {np.int8, np.int32}
    assert interpreter.get_input_details()[0]["quantization"] == (1 / 128, 0)


def test_outputs_are_named_by_what_they_hold(tiny, tiny_graph):
    _, card = tiny
    graph, _ = tiny_graph
    interpreter = Interpreter(model_content=graph.data)
    channels = {"score": 68, "offsets": 136, "neighbours": 136 * card.head.k}
    for name, detail in zip(graph.outputs, interpreter.get_output_details(), strict=True):
        assert detail["shape"][-1] == channels[name]
        assert graph.scales[name] == detail["quantization"]


def test_the_same_calibration_gives_the_same_bytes(tiny, tiny_graph):
    model, card = tiny
    graph, crops = tiny_graph
    assert quantize_ptq(model, card, crops).data == graph.data


def test_int8_maps_follow_the_float_maps(tiny, tiny_graph):
    model, _ = tiny
    graph, crops = tiny_graph
    interpreter = Interpreter(model_content=graph.data)
    interpreter.allocate_tensors()
    expected = model.predict(crops[:1], verbose=0)
    index = interpreter.get_input_details()[0]["index"]
    interpreter.set_tensor(index, (crops[:1].astype(np.int16) - 128).astype(np.int8))
    interpreter.invoke()
    for name, detail in zip(graph.outputs, interpreter.get_output_details(), strict=True):
        scale, zero_point = graph.scales[name]
        real = (interpreter.get_tensor(detail["index"]).astype(np.float32) - zero_point) * scale
        assert np.corrcoef(real.ravel(), expected[name].ravel())[0, 1] > 0.95, name


def test_outputs_of_another_head_are_refused(tiny):
    _, card = tiny
    with pytest.raises(QuantizationError, match="do not fit"):
        name_outputs([(1, 4, 4, 68), (1, 4, 4, 136)], card)
    with pytest.raises(QuantizationError, match="do not fit"):
        name_outputs([(1, 4, 4, 68), (1, 4, 4, 68), (1, 4, 4, 408)], card)
