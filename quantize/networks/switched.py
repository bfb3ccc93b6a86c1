"""A folded network in which each step's roundings can be switched on by themselves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import keras
import tensorflow as tf
from keras import layers

from quantize.networks.fake_quant import FakeQuant, Range, rounded
from quantize.networks.simulate import rounding_name
from quantize.networks.steps import Operation, Step


def switched(
    folded: keras.Model, ranges: Mapping[str, Range], steps: Sequence[Step]
) -> tuple[keras.Model, dict[Step, Any]]:
    """Return a copy of a network that can round each step, and the switch of each step.

    One network instead of one for each step: building those takes longer than running them.
    """
    switches = {step: keras.Variable(False, dtype="bool", trainable=False) for step in steps}
    kernels = {step.kernel: switches[step] for step in steps if step.kernel}
    outputs = {step.output: switches[step] for step in steps}

    def call(operation: Operation, *args: Any, **kwargs: Any) -> Any:
        name = operation.name
        if name in kernels:
            both = _Switched(operation, rounded(operation), kernels[name], f"{name}_switched")
            result = both(*args, **kwargs)
            _copy_weights(folded.get_layer(name), (operation, both.rounded))
        else:
            result = operation(*args, **kwargs)
        if name not in outputs:
            return result
        rounding = FakeQuant(*ranges[name])
        return _Switched(layers.Identity(), rounding, outputs[name], rounding_name(name))(result)

    return keras.models.clone_model(folded, call_function=call), switches


def switch(switches: Mapping[Step, Any], on: bool) -> None:
    """Switch the roundings of all steps."""
    for variable in switches.values():
        variable.assign(on)


class _Switched(layers.Layer):
    """Two layers of the same shapes, one of which runs; a variable says which."""

    def __init__(self, plain: layers.Layer, rounded: layers.Layer, on: Any, name: str) -> None:
        super().__init__(name=name)
        self.plain, self.rounded, self.on = plain, rounded, on

    def build(self, input_shape: Any) -> None:
        for layer in (self.plain, self.rounded):
            if not layer.built:
                layer.build(input_shape)

    def compute_output_spec(self, inputs: Any) -> Any:
        # Keras would trace both layers to find it: 100 layers take half a minute.
        shape = self.plain.compute_output_shape(inputs.shape)
        return keras.KerasTensor(shape, self.compute_dtype)

    def call(self, inputs: Any) -> Any:
        return tf.cond(self.on.value, lambda: self.rounded(inputs), lambda: self.plain(inputs))


def _copy_weights(source: layers.Layer, targets: Iterable[layers.Layer]) -> None:
    for layer in targets:
        layer.kernel.assign(source.kernel)
        layer.bias.assign(source.bias)
