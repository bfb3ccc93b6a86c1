from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import onnx
import onnxruntime
import pytest
from ai_edge_litert.interpreter import Interpreter

from edge.models import model_path
from edge.runtime import open_network
from landmarks.faces import read_labelled_faces
from landmarks.locate import Localizer
from landmarks.measure import score
from quantize.files.onnx import derive_onnx


@pytest.fixture(scope="module")
def derived(graph):
    return derive_onnx(graph.data, graph.outputs)


def test_the_derived_file_keeps_int8_weights(derived):
    kinds = {node.op_type for node in derived.graph.node}
    assert {"QuantizeLinear", "DequantizeLinear", "Conv"} <= kinds
    floats = [t.name for t in derived.graph.initializer if t.data_type == 1 and len(t.dims) > 1]
    assert not floats, "a weight stayed float"


def test_input_and_outputs_have_names_that_mean_something(graph, derived):
    onnx.checker.check_model(derived)
    assert [value.name for value in derived.graph.input] == ["image"]
    assert tuple(value.name for value in derived.graph.output) == graph.outputs


def test_the_same_graph_gives_the_same_bytes_in_another_process(graph, derived, tmp_path):
    """Python's sets have another order in each process."""
    source, target = tmp_path / "graph.tflite", tmp_path / "graph.onnx"
    source.write_bytes(graph.data)
    program = (
        "import sys; from pathlib import Path; from quantize.files.onnx import derive_onnx; "
        "data = Path(sys.argv[1]).read_bytes(); model = derive_onnx(data, sys.argv[3:]); "
        "Path(sys.argv[2]).write_bytes(model.SerializeToString())"
    )
    subprocess.run(
        [sys.executable, "-c", program, str(source), str(target), *graph.outputs],
        env=os.environ | {"PYTHONHASHSEED": "1"},
        check=True,
    )
    assert target.read_bytes() == derived.SerializeToString()


def test_both_files_answer_alike_to_a_few_units(graph, derived, calibration):
    interpreter = Interpreter(model_content=graph.data)
    interpreter.allocate_tensors()
    session = onnxruntime.InferenceSession(
        derived.SerializeToString(), providers=["CPUExecutionProvider"]
    )
    difference = []
    for pixel in (calibration.crops[:4].astype(np.int16) - 128).astype(np.int8):
        interpreter.set_tensor(interpreter.get_input_details()[0]["index"], pixel[None])
        interpreter.invoke()
        values = session.run(None, {session.get_inputs()[0].name: pixel[None]})
        for detail, value in zip(interpreter.get_output_details(), values, strict=True):
            expected = interpreter.get_tensor(detail["index"])
            difference.append(np.abs(expected.astype(int) - value).ravel())
    assert np.concatenate(difference).mean() < 1.5


def test_the_shipped_files_agree_on_faces(faces):
    labelled = read_labelled_faces(faces)
    tflite, onnx = (
        score(Localizer.of(open_network(model_path(f"asmpip-144-int8{suffix}"))), labelled)
        for suffix in (".tflite", ".onnx")
    )
    assert onnx.nme_percent == pytest.approx(tflite.nme_percent, abs=0.03)
