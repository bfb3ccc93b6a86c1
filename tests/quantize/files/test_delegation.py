from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf
from tensorflow.lite.tools import flatbuffer_utils

from edge.models import shipped_finders, shipped_models
from edge.runtime.delegation import Delegation, Operation, delegation_of
from landmarks.model_file import read_model

SHIPPED = [path for path in (*shipped_models(), *shipped_finders()) if path.suffix == ".tflite"]
IMAGE = tf.TensorSpec((1, 8, 8, 4), tf.float32)
READ_TWICE = (1, 8, 8, 6)  # shape of the convolution's output that RELU6 and an output read
BEHIND = (1, 8, 8, 5)


@pytest.fixture(scope="module")
def lone_relu6():
    """INT8: a convolution that is also an output, a ReLU6 of it, a convolution of that."""
    rng = np.random.default_rng(0)
    kernels = [tf.constant(rng.normal(size=s), tf.float32) for s in ((3, 3, 4, 6), (1, 1, 6, 5))]

    @tf.function(input_signature=[IMAGE])
    def network(image):
        before = tf.nn.conv2d(image, kernels[0], 1, "SAME")
        return before, tf.nn.conv2d(tf.nn.relu6(before), kernels[1], 1, "SAME")

    module = tf.Module()
    module.network = network
    converter = tf.lite.TFLiteConverter.from_concrete_functions(
        [network.get_concrete_function()], module
    )
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = lambda: (
        [rng.normal(size=IMAGE.shape).astype(np.float32)] for _ in range(8)
    )
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    converter.inference_input_type = converter.inference_output_type = tf.int8
    return converter.convert()


def test_there_are_shipped_files_to_look_at():
    assert SHIPPED


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.name)
def test_xnnpack_takes_every_operation_of_a_shipped_file(path):
    delegation = delegation_of(read_model(path).graph)
    assert delegation.left_out == (), delegation.summary()
    assert delegation.partitions == 1


def test_the_shipped_network_is_counted_without_the_nodes_of_partitions():
    graph = read_model(next(p for p in SHIPPED if p.name == "asmpip-144-int8.tflite")).graph
    operations = len(flatbuffer_utils.convert_bytearray_to_object(graph).subgraphs[0].operators)
    expected = f"{operations} of {operations} operations delegated"
    assert delegation_of(graph).summary() == expected


def test_a_lone_int8_relu6_is_left_out_and_cuts_the_graph_in_two(lone_relu6):
    delegation = delegation_of(lone_relu6)
    assert (delegation.operations, delegation.partitions) == (3, 2)
    (left_out,) = delegation.left_out
    assert (left_out.index, left_out.kind, left_out.output_shape) == (1, "RELU6", READ_TWICE)
    assert left_out.output_name
    assert delegation.summary().startswith("2 of 3 operations delegated in 2 partitions")
    assert "RELU6" in delegation.summary()


def test_an_operation_inside_that_nobody_reads_is_delegated(lone_relu6):
    delegation = delegation_of(_without_output(lone_relu6, BEHIND))
    assert [operation.kind for operation in delegation.left_out] == ["RELU6"]


def test_an_operation_outside_that_nobody_reads_is_left_out(lone_relu6):
    delegation = delegation_of(_without_last_operation(lone_relu6))
    assert delegation.operations == 2
    assert [operation.kind for operation in delegation.left_out] == ["RELU6"]


def test_a_graph_without_partitions_is_left_out_as_a_whole(lone_relu6):
    model = flatbuffer_utils.convert_bytearray_to_object(lone_relu6)
    graph = model.subgraphs[0]
    (relu6,) = [op for op in graph.operators if len(op.inputs) == 1]
    graph.operators, graph.inputs, graph.outputs = [relu6], relu6.inputs, relu6.outputs
    model.signatureDefs = []
    delegation = delegation_of(_bytes(model))
    assert (delegation.operations, delegation.partitions) == (1, 0)
    assert [operation.kind for operation in delegation.left_out] == ["RELU6"]


def test_a_summary_stays_one_short_line_when_much_is_left_out():
    left_out = tuple(Operation(i, "MUL", f"tensor_{i}", (1, 8)) for i in range(77))
    summary = Delegation(77, 0, left_out).summary()
    assert summary.startswith("0 of 77 operations delegated")
    assert "tensor_0" in summary and summary.endswith("and 74 more")
    assert len(summary) < 200


def _without_output(graph, shape):
    model = flatbuffer_utils.convert_bytearray_to_object(graph)
    first = model.subgraphs[0]
    first.outputs = [t for t in first.outputs if tuple(first.tensors[t].shape) != shape]
    model.signatureDefs = []
    return _bytes(model)


def _without_last_operation(graph):
    model = flatbuffer_utils.convert_bytearray_to_object(graph)
    model.subgraphs[0].operators.pop()
    return _without_output(_bytes(model), BEHIND)


def _bytes(model):
    return bytes(flatbuffer_utils.convert_object_to_bytearray(model))
