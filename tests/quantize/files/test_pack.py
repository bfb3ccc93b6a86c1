from __future__ import annotations

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema
from ai_edge_litert.interpreter import Interpreter

from edge.models import model_path
from landmarks.model_file import read_model
from quantize.files.pack import IDENTIFIER, packed


def repeating(graph):
    """The graph as the converter would write it."""
    model = schema.ModelT.InitFromObj(schema.Model.GetRootAsModel(graph, 0))
    builder = flatbuffers.Builder(len(graph))
    builder.Finish(model.Pack(builder), IDENTIFIER)
    return bytes(builder.Output())


def everything(graph, pixels):
    """All that an interpreter knows of a graph, and its answers."""
    interpreter = Interpreter(model_content=graph)
    interpreter.allocate_tensors()
    interpreter.set_tensor(interpreter.get_input_details()[0]["index"], pixels)
    interpreter.invoke()
    for detail in interpreter.get_tensor_details():
        yield detail["name"], detail["index"], detail["shape"], detail["dtype"]
        yield from detail["quantization_parameters"].values()
    for detail in interpreter.get_output_details():
        yield interpreter.get_tensor(detail["index"])


def test_a_packed_graph_is_smaller_and_the_same(graph, rng):
    graph = repeating(graph.data)
    pixels = rng.integers(-128, 128, (1, 32, 32, 3)).astype(np.int8)
    small = packed(graph)
    assert len(small) < 0.95 * len(graph)
    for expected, same in zip(everything(graph, pixels), everything(small, pixels), strict=True):
        np.testing.assert_equal(same, expected)


def test_packing_again_changes_nothing():
    graph = read_model(model_path("default")).graph
    assert packed(packed(graph)) == packed(graph)
