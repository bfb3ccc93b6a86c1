"""Bias correction: what rounding shifts each channel's mean by is taken off its bias.

The errors of rounded weights do not cancel out over a kernel: they move the mean of its output, and
the next layers see inputs that they were not trained on (Nagel et al., Data-Free Quantization
Through Weight Equalization and Bias Correction, ICCV 2019, section 4.2 and appendix D).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

import keras
import numpy as np
import numpy.typing as npt
from keras import ops

from landmarks.errors import QuantizationError
from quantize.calibrate import spread
from quantize.networks.fake_quant import FakeQuant, Range
from quantize.networks.simulate import simulate_int8
from quantize.networks.steps import Step

# Enough for a mean over crops and places; what they leave in the network is in memory together.
CROPS = 64
Values = dict[int, Any]  # a tensor's values over all crops, by the id of the symbolic tensor


def correct_biases(
    folded: keras.Model,
    ranges: Mapping[str, Range],
    steps: Iterable[Step],
    crops: npt.NDArray[np.uint8],
) -> keras.Model:
    """Return a folded network whose rounded kernels give the means of the float network.

    The float and the rounded network run side by side, one operation after the other, and each
    kernel is corrected before the next one reads it: the paper's order, in one pass.

    Args:
        folded: from ``quantize.networks.fold``; it stays as it is.
        ranges: of the output of each step, by its name.
        steps: which steps are rounded, and whose kernels are corrected.
        crops: uint8 (n, size, size, 3), calibration; at most ``CROPS`` of them are used.

    Raises:
        QuantizationError: a kernel has an activation of its own, or has no rounded form.
    """
    steps = tuple(steps)
    kernels = {step.kernel for step in steps if step.kernel is not None}
    _check_linear(folded, kernels)
    simulated = simulate_int8(folded, ranges, steps)
    shown = crops[spread(len(crops), CROPS)]
    biases = _matched_biases(folded, simulated, kernels, shown)

    copy = keras.models.clone_model(folded)
    copy.set_weights(folded.get_weights())
    for name, bias in biases.items():
        copy.get_layer(name).bias.assign(bias)
    return copy


def _check_linear(folded: keras.Model, kernels: Iterable[str]) -> None:
    for layer in map(folded.get_layer, sorted(kernels)):
        if layer.activation is not keras.activations.linear:
            raise QuantizationError(
                f"{layer.name}: its bias cannot be corrected behind its own activation "
                f"{layer.activation.__name__!r}, expected a layer of its own for it"
            )


def _matched_biases(
    folded: keras.Model,
    simulated: keras.Model,
    kernels: set[str],
    crops: npt.NDArray[np.uint8],
) -> dict[str, npt.NDArray[np.float32]]:
    """Return the biases with which the rounded kernels give the means of the float ones."""
    by_depth = simulated._nodes_by_depth  # a rounding of several tensors is in it several times
    nodes = [node for depth in sorted(by_depth, reverse=True) for node in by_depth[depth]]
    unread = Counter(id(tensor) for node in nodes for tensor in node.input_tensors)
    exact: Values = {id(simulated.input): crops}
    rounded: Values = {id(simulated.input): crops}
    biases = {}
    for node in nodes:
        if node.is_input:
            continue
        operation, (output,) = node.operation, node.outputs
        rounded[id(output)] = _run(operation, node, rounded)
        if isinstance(operation, FakeQuant):
            exact[id(output)] = exact[id(node.input_tensors[0])]
        elif operation.name in kernels:
            exact[id(output)] = _run(folded.get_layer(operation.name), node, exact)
            shift = _channel_means(rounded[id(output)]) - _channel_means(exact[id(output)])
            rounded[id(output)] -= shift
            biases[operation.name] = np.asarray(operation.bias - shift)
        else:
            exact[id(output)] = _run(operation, node, exact)
        for tensor in node.input_tensors:
            unread[id(tensor)] -= 1
            if not unread[id(tensor)]:
                del exact[id(tensor)], rounded[id(tensor)]
    return biases


def _run(operation: Any, node: Any, values: Values) -> Any:
    arguments, settings = node.arguments.fill_in(values)
    return operation(*arguments, **settings)


def _channel_means(values: Any) -> Any:
    """Return the mean of each channel, (C,), of (..., C)."""
    return ops.mean(values, axis=tuple(range(len(values.shape) - 1)))
