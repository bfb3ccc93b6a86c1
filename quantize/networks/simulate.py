"""A folded network with INT8's roundings: what is trained, audited and exported."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import keras
from keras import layers

from quantize.networks.fake_quant import FakeQuant, Range, rounded
from quantize.networks.steps import Operation, Step, scales_of
from train.models.backbones import SCALING_LAYER

# (pixel - 128) / 128 at scale 1/128 and zero point 0 is the byte of the device, pixel - 128.
INPUT_RANGE: Range = (-1.0, 127 / 128)


def simulate_int8(
    folded: keras.Model, ranges: Mapping[str, Range], steps: Iterable[Step]
) -> keras.Model:
    """Return a copy of a folded network that rounds as the INT8 file will.

    Args:
        folded: from ``quantize.networks.fold``; it stays as it is.
        ranges: of the output of each step, by its name; that of the pixels is known, and what is
            joined has that of the join.
        steps: which steps are rounded; all of ``quantize.networks.steps`` for a full-INT8 file.

    Raises:
        QuantizationError: a kind of layer has no rounded form.
    """
    steps = tuple(steps)
    kernels = {step.kernel for step in steps}
    scales = scales_of(folded, steps)
    roundings = {
        name: FakeQuant(*_range_of(name, ranges), name=rounding_name(name))
        for name in sorted(set(scales.values()))
    }

    def swap(layer: layers.Layer) -> layers.Layer:
        if layer.name in kernels:
            return rounded(layer)
        return layer.__class__.from_config(layer.get_config())

    def call(operation: Operation, *args: Any, **kwargs: Any) -> Any:
        result = operation(*args, **kwargs)
        if operation.name not in scales:
            return result
        # One layer for all tensors of a scale: training moves one range, the file has one.
        return roundings[scales[operation.name]](result)

    copy = keras.models.clone_model(folded, clone_function=swap, call_function=call)
    for layer in folded.layers:
        if weights := layer.get_weights():
            copy.get_layer(layer.name).set_weights(weights)
    return copy


def _range_of(output: str, ranges: Mapping[str, Range]) -> Range:
    return INPUT_RANGE if output == SCALING_LAYER else ranges[output]


def rounding_name(output: str) -> str:
    """Return the name of the layer that rounds the output of an operation."""
    return f"{output}_rounded"
