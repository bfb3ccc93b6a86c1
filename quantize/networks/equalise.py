"""Cross-layer equalisation: channels of neighbouring kernels scaled to ranges of like size.

A ReLU passes a positive factor on, so what one kernel's output channel is divided by, the next
kernel's input channel can be multiplied with: the network stays the same. The factor that gives
both the same range spares small channels from the rounding of large ones (Nagel et al.,
Data-Free Quantization Through Weight Equalization and Bias Correction, ICCV 2019, section 4.1).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import keras
import numpy as np
import numpy.typing as npt
from keras import layers

from quantize.networks.fake_quant import SMALLEST_CHANNEL
from quantize.networks.fold import input_axis, kernel_axis, readers
from quantize.networks.steps import fused_relu

Weights = dict[str, list[npt.NDArray[np.float64]]]  # kernel and, if there is one, bias, by layer

# A kernel between two others belongs to two pairs, so one sweep over the pairs is not the end.
SWEEPS = 50
SETTLED = 1e-3  # largest change of a channel, relative, that ends the sweeps


@dataclass(frozen=True)
class Pair:
    """Two kernels, of which the second alone reads the first, through a ReLU or directly.

    Attributes:
        first, second: names of the layers.
        relu: name of the ReLU between them; None without one.
    """

    first: str
    second: str
    relu: str | None


def equalise(folded: keras.Model) -> keras.Model:
    """Return a network whose neighbouring kernels have channels of the same range.

    A ReLU6 between two of them becomes a ReLU, as in the paper: its cap would cut scaled channels
    at another value. Values above the cap then pass, so such a network no longer gives quite the
    same numbers; measure it before use. With plain ReLUs the outputs stay as they were.

    Args:
        folded: from ``quantize.networks.fold``; it stays as it is. Its ranges are not those of the
            result: calibrate again.
    """
    pairs = pairs_of(folded)
    uncapped = {pair.relu for pair in pairs}

    def swap(layer: layers.Layer) -> layers.Layer:
        settings = layer.get_config()
        if layer.name in uncapped and isinstance(layer, layers.ReLU):
            settings["max_value"] = None
        return layer.__class__.from_config(settings)

    copy = keras.models.clone_model(folded, clone_function=swap)
    weights: Weights = {
        layer.name: [values.astype(np.float64) for values in layer.get_weights()]
        for layer in folded.layers
        if layer.weights
    }
    for _ in range(SWEEPS):
        if max((_scale(folded, pair, weights) for pair in pairs), default=0.0) < SETTLED:
            break
    for name, values in weights.items():
        copy.get_layer(name).set_weights(values)
    return copy


def pairs_of(folded: keras.Model) -> tuple[Pair, ...]:
    """Return the pairs of kernels that can be scaled, from input to outputs."""
    return tuple(_pairs(folded))


def _pairs(folded: keras.Model) -> Iterator[Pair]:
    outputs = {tensor._keras_history.operation.name for tensor in folded.outputs}
    for first in folded.layers:
        if kernel_axis(first) is None or not _is_one_to_one(first):
            continue
        if first.activation is not keras.activations.linear:
            continue
        relu = fused_relu(first)
        between = {first.name, relu.name} if relu else {first.name}
        following = readers(relu or first)
        # An output of the network is read by whoever runs it.
        if len(following) != 1 or between & outputs:
            continue
        (second,) = following
        if kernel_axis(second) is not None and _is_one_to_one(second):
            yield Pair(first.name, second.name, relu.name if relu else None)


def _is_one_to_one(layer: layers.Layer) -> bool:
    """Say whether each channel has one place along the input axis and one along the output's."""
    return getattr(layer, "groups", 1) == 1 and getattr(layer, "depth_multiplier", 1) == 1


def _scale(folded: keras.Model, pair: Pair, weights: Weights) -> float:
    """Scale the channels between two kernels in place; return the largest change, relative."""
    first, second = weights[pair.first], weights[pair.second]
    axis_1 = kernel_axis(folded.get_layer(pair.first))
    axis_2 = input_axis(folded.get_layer(pair.second))
    range_1, range_2 = _channel_ranges(first[0], axis_1), _channel_ranges(second[0], axis_2)
    # A channel without weights of note is a constant: a factor would only blow up its bias.
    alive = (range_1 > SMALLEST_CHANNEL * range_1.max()) & (
        range_2 > SMALLEST_CHANNEL * range_2.max()
    )
    factors = np.ones_like(range_1)
    factors[alive] = np.sqrt(range_1[alive] * range_2[alive]) / range_2[alive]
    first[0] /= _along(factors, axis_1, first[0].ndim)
    if len(first) > 1:
        first[1] /= factors
    second[0] *= _along(factors, axis_2, second[0].ndim)
    return float(np.abs(np.log(factors)).max())


def _channel_ranges(kernel: npt.NDArray[np.float64], axis: int) -> npt.NDArray[np.float64]:
    """Return the largest absolute weight of each channel, (channels,)."""
    return np.abs(kernel).max(axis=tuple(i for i in range(kernel.ndim) if i != axis))


def _along(factors: npt.NDArray[np.float64], axis: int, dimensions: int) -> npt.NDArray[np.float64]:
    return factors.reshape([-1 if i == axis else 1 for i in range(dimensions)])
