"""Which operations of a TFLite graph XNNPACK takes, and which are left to the plain kernels.

An operation that is left out costs more than its own time: it cuts the graph in partitions, and its
tensors are laid out anew on the way out of XNNPACK and back.

Example:
    >>> from landmarks.model_file import read_model
    >>> delegation_of(read_model("edge/models/asmpip-144-int8.tflite").graph).summary()
    '62 of 62 operations delegated'
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from edge.runtime.litert import open_interpreter

DELEGATE = "DELEGATE"  # name of the nodes that stand for partitions
NAMED = 3  # operations that a summary names


@dataclass(frozen=True)
class Operation:
    """One operation of a TFLite graph.

    Attributes:
        index: its place in the graph.
        kind: as TFLite spells it, e.g. ``CONV_2D``.
        output_name: of its first output tensor.
        output_shape: of the same, with the batch axis.
    """

    index: int
    kind: str
    output_name: str
    output_shape: tuple[int, ...]

    def __str__(self) -> str:
        return f"{self.index} {self.kind} {self.output_shape} {self.output_name}"


@dataclass(frozen=True)
class Delegation:
    """What XNNPACK takes of a graph.

    Attributes:
        operations: how many there are.
        partitions: how many pieces of the graph XNNPACK runs; 1 is best.
        left_out: the operations that it does not take, in the order of the graph.
    """

    operations: int
    partitions: int
    left_out: tuple[Operation, ...]

    def summary(self) -> str:
        """Return how many operations are delegated, in one line that names some left out."""
        taken = self.operations - len(self.left_out)
        line = f"{taken} of {self.operations} operations delegated"
        if self.left_out:
            line += f" in {self.partitions} partitions, left out: "
            line += ", ".join(map(str, self.left_out[:NAMED]))
            if more := len(self.left_out[NAMED:]):
                line += f" and {more} more"
        return line


def delegation_of(graph: bytes) -> Delegation:
    """Return what XNNPACK, as built for this machine, takes of a graph.

    Args:
        graph: a flatbuffer; its first subgraph is looked at.
    """
    interpreter = open_interpreter(graph, threads=1)
    nodes = interpreter._get_ops_details()
    partitions = [node for node in nodes if node["op_name"] == DELEGATE]
    operations = [node for node in nodes if node["op_name"] != DELEGATE]
    inside = _inside(operations, partitions, interpreter)
    tensors = {detail["index"]: detail for detail in interpreter.get_tensor_details()}
    left_out = (node for node in operations if node["index"] not in inside)
    return Delegation(
        len(operations),
        len(partitions),
        tuple(_operation(node, tensors[int(node["outputs"][0])]) for node in left_out),
    )


def _inside(
    operations: list[dict[str, Any]], partitions: list[dict[str, Any]], interpreter: Any
) -> set[int]:
    """Return the indices of the operations inside partitions.

    The interpreter lists the operations as if nothing was delegated, then a node for each
    partition, with the tensors that cross its border. What is inside is what a border's outputs
    depend on, back to its inputs, which hold the constants, too.
    """
    maker = {int(tensor): node for node in operations for tensor in node["outputs"]}
    read = {int(tensor) for node in operations for tensor in node["inputs"]}
    read |= {detail["index"] for detail in interpreter.get_output_details()}
    # All borders at once: what one partition reads of another is an output of that one.
    border = {int(tensor) for node in partitions for tensor in node["inputs"]}
    # Nobody reads these, so they cross no border. Only tensors inside have no memory.
    unread = [t for t in maker if t not in read and not _has_memory(t, interpreter)]
    waiting = [int(tensor) for node in partitions for tensor in node["outputs"]] + unread
    inside: set[int] = set()
    while waiting:
        node = maker.get(waiting.pop())
        if node is None or node["index"] in inside:
            continue
        inside.add(node["index"])
        waiting += [int(tensor) for tensor in node["inputs"] if int(tensor) not in border]
    return inside


def _has_memory(tensor: int, interpreter: Any) -> bool:
    try:
        interpreter.get_tensor(tensor)
    except ValueError:
        return False
    return True


def _operation(node: dict[str, Any], output: dict[str, Any]) -> Operation:
    shape = tuple(int(side) for side in output["shape"])
    return Operation(int(node["index"]), node["op_name"], output["name"], shape)
