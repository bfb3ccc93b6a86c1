from __future__ import annotations

import numpy as np
import onnxruntime
import pytest
from ai_edge_litert.interpreter import Interpreter

from quantize.onnx import derive_onnx


@pytest.fixture(scope="module")
def derived(tiny_graph):
    return derive_onnx(tiny_graph[0].data)


def test_the_derived_file_keeps_int8_weights(derived):
    kinds = {node.op_type for node in derived.graph.node}
    assert {"QuantizeLinear", "DequantizeLinear", "Conv"} <= kinds
    floats = [t for t in derived.graph.initializer if t.data_type == 1 and np.prod(t.dims) > 600]
    assert not floats, "a weight stayed float"


def test_both_files_answer_alike_to_a_few_units(tiny_graph, derived):
    graph, crops = tiny_graph
    pixels = (crops[:4].astype(np.int16) - 128).astype(np.int8)
    interpreter = Interpreter(model_content=graph.data)
    interpreter.allocate_tensors()
    session = onnxruntime.InferenceSession(
        derived.SerializeToString(), providers=["CPUExecutionProvider"]
    )
    difference = []
    for pixel in pixels:
        interpreter.set_tensor(interpreter.get_input_details()[0]["index"], pixel[None])
        interpreter.invoke()
        values = session.run(None, {session.get_inputs()[0].name: pixel[None]})
        for detail, value in zip(interpreter.get_output_details(), values, strict=True):
            expected = interpreter.get_tensor(detail["index"])
            difference.append(np.abs(expected.astype(int) - value).ravel())
    assert np.concatenate(difference).mean() < 1.5
