"""The steps of a folded network: what becomes one operation of an INT8 file, rounded once.

A step is a kernel, a sum, an average ... together with the ReLU after it.
"""

from __future__ import annotations

from collections.abc import Iterator
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


def _is_relu(operation: Operation) -> bool:
    if isinstance(operation, layers.ReLU):
        bent = operation.negative_slope or operation.threshold
        return not bent and operation.max_value in FUSED_TOPS
    is_activation = isinstance(operation, layers.Activation)
    return is_activation and operation.activation is keras.activations.relu
