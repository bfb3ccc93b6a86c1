"""The steps of a folded network: what becomes one operation of an INT8 file, rounded once.

A step is a kernel, a sum, an average ... together with the ReLU after it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import keras
from keras import layers

from quantize.networks.fold import kernel_axis, readers

Operation = Any  # a Keras layer or a bare operation such as "+"
# Their output has the scale of their input: nothing is rounded.
MOVES_VALUES = (
    *(layers.ZeroPadding2D, layers.MaxPooling2D, layers.Reshape, layers.Flatten),
    layers.UpSampling2D,
)
FUSED_TOPS = (None, 6)  # max_value of a ReLU that an operation of the file can end with


@dataclass(frozen=True)
class Step:
    """One operation of the file.

    Attributes:
        output: name of the Keras operation whose output is rounded.
        kernel: name of the layer whose kernel is rounded; None for a step without one.
    """

    output: str
    kernel: str | None


def steps_of(folded: keras.Model) -> tuple[Step, ...]:
    """Return the steps of a folded network, from input to outputs."""
    return tuple(_steps(folded))


def scales_of(folded: keras.Model, steps: Iterable[Step]) -> dict[str, str]:
    """Return whose scale the output of each step has in the file, by name.

    Its own, or that of the join which is all that reads it: a file joins tensors of one scale.
    """
    rounded = {step.output for step in steps}
    ends = {output._keras_history.operation.name for output in folded.outputs}
    scales: dict[str, str] = {}
    for operation in reversed(folded.operations):  # what reads it comes first
        name = operation.name
        if name in rounded:
            join = None if name in ends else _join_after(operation)
            scales[name] = scales.get(join, name) if join else name
    return scales


def _steps(folded: keras.Model) -> Iterator[Step]:
    for operation in folded.operations:
        if isinstance(operation, (layers.InputLayer, *MOVES_VALUES)) or fused_relu(operation):
            continue
        source = operation
        if _is_relu(operation):
            before = operation.input._keras_history.operation
            source = before if fused_relu(before) is operation else operation
        kernel = source.name if kernel_axis(source) is not None else None
        yield Step(operation.name, kernel)


def fused_relu(operation: Operation) -> Operation | None:
    """Return the ReLU that ends the same operation of the file; None if there is none."""
    if kernel_axis(operation) is None and type(operation).__name__ != "Add":
        return None
    following = readers(operation)
    return following[0] if len(following) == 1 and _is_relu(following[0]) else None


def _join_after(operation: Operation) -> str | None:
    """Return the name of the concatenation which is all that reads an operation's output."""
    following = readers(operation)
    while len(following) == 1 and isinstance(following[0], MOVES_VALUES):
        following = readers(following[0])
    is_join = len(following) == 1 and isinstance(following[0], layers.Concatenate)
    return following[0].name if is_join else None


def _is_relu(operation: Operation) -> bool:
    if isinstance(operation, layers.ReLU):
        bent = operation.negative_slope or operation.threshold
        return not bent and operation.max_value in FUSED_TOPS
    is_activation = isinstance(operation, layers.Activation)
    return is_activation and operation.activation is keras.activations.relu
