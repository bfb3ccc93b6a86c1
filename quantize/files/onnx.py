"""The INT8 TFLite graph as QDQ ONNX: the same weights, scales and zero points in another file.

tf2onnx walks over Python sets, so its names and their order change from run to run, while the graph
stays the same. Here each node is named by what it does and by its place on the way to the outputs,
so that the same TFLite graph gives the same bytes.
"""

from __future__ import annotations

import logging
import tempfile
import warnings
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import tf2onnx
from onnx import ModelProto, NodeProto

OPSET = 17


def derive_onnx(tflite: bytes, outputs: Sequence[str]) -> ModelProto:
    """Convert a full-INT8 or a float TFLite graph.

    Args:
        tflite: the flatbuffer, without a card.
        outputs: their names, in the order of the file.

    Returns:
        The ONNX model; its input is called ``image``, its outputs keep their order and type.
    """
    logging.getLogger("tf2onnx").setLevel(logging.ERROR)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "graph.tflite"
        path.write_bytes(tflite)
        with warnings.catch_warnings():
            # tf2onnx reads the file with tf.lite.Interpreter, which announces its own end
            warnings.filterwarnings("ignore", message=".*tf.lite.Interpreter is deprecated")
            model, _ = tf2onnx.convert.from_tflite(str(path), opset=OPSET)
    return _named_by_place(model, outputs)


def _named_by_place(model: ModelProto, outputs: Sequence[str]) -> ModelProto:
    """Return the same graph with names and an order that follow from the graph alone."""
    graph = model.graph
    ends = [value.name for value in graph.output]
    names = dict(zip(ends, outputs, strict=True)) | {graph.input[0].name: "image"}
    constants = {tensor.name: tensor for tensor in graph.initializer}
    nodes = list(_on_the_way(ends, graph.node))
    ordered: list[NodeProto] = []
    for place, node in enumerate(nodes):
        for name in node.input:
            if name in constants and name not in names:
                names[name] = f"constant_{len(ordered)}"
                ordered.append(constants[name])
        node.name = f"{node.op_type}_{place}"
        for i, name in enumerate(node.output):
            names.setdefault(name, f"{node.name}_{i}" if i else node.name)
        node.input[:] = [names[name] if name else "" for name in node.input]
        node.output[:] = [names[name] for name in node.output]
        if not node.domain:
            node.ClearField("domain")  # tf2onnx sets it to nothing in some runs
    for named in (*graph.input, *graph.output, *ordered):
        named.name = names[named.name]
    for field, values in ((graph.node, nodes), (graph.initializer, ordered)):
        copies = [type(value).FromString(value.SerializeToString()) for value in values]
        del field[:]
        field.extend(copies)
    return model


def _on_the_way(outputs: list[str], nodes: Iterable[NodeProto]) -> Iterator[NodeProto]:
    """Yield the nodes that outputs need, each after what it reads."""
    makers = {name: node for node in nodes for name in node.output}
    done: set[str] = set()
    waiting = [(name, False) for name in reversed(outputs)]
    while waiting:
        name, read = waiting.pop()
        node = makers.get(name)
        if node is None or node.output[0] in done:
            continue
        if read:
            done.add(node.output[0])
            yield node
        else:
            waiting.append((name, True))
            waiting += [(source, False) for source in reversed(node.input)]
