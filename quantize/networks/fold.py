"""Batch normalisation folded into the convolution before it, so that one kernel is quantized.

The folded network has stock layers and the outputs of the original; each kernel has a bias. What
does nothing at inference is gone: dropout, and padding that "same" convolution does by itself.
"""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import layers

from landmarks.errors import QuantizationError

# What has a kernel: per layer, the axes of the input and of the output channels in it.
KERNEL_AXES: dict[type[layers.Layer], tuple[int, int]] = {
    layers.DepthwiseConv2D: (2, 2),
    layers.Conv2DTranspose: (3, 2),
    layers.Conv2D: (2, 3),
    layers.Dense: (0, 1),
}

# The most tensors that XNNPACK joins; a wider join is left to the plain kernel and cuts the graph.
MAX_JOINED = 5


def fold(model: keras.Model) -> keras.Model:
    """Return the network without batch normalisation; the same numbers come out of it.

    Args:
        model: functional, of stock layers; it stays as it is.

    Raises:
        QuantizationError: a normalisation follows anything but a kernel of its own.
    """
    norms = {layer.name: kernel_before(layer) for layer in model.layers if _is_norm(layer)}
    folded = {kernel.name: name for name, kernel in norms.items()}
    needless = {
        padding.name
        for padding in model.layers
        if isinstance(padding, layers.ZeroPadding2D)
        and all(_same_does(padding, reader) for reader in readers(padding))
    }

    def swap(layer: layers.Layer) -> layers.Layer:
        settings = layer.get_config()
        if kernel_axis(layer) is not None:
            settings["use_bias"] = True
        if (padding := _padding_before(layer)) and padding.name in needless:
            settings["padding"] = "same"
        return layer.__class__.from_config(settings)

    def call(layer: layers.Layer, *args: Any, **kwargs: Any) -> Any:
        nothing = isinstance(layer, layers.Dropout | layers.Identity)
        if nothing or layer.name in norms or layer.name in needless:
            return args[0]
        if isinstance(layer, layers.Concatenate):
            return _joined(layer, args[0])
        return layer(*args, **kwargs)

    copy = keras.models.clone_model(model, clone_function=swap, call_function=call)
    for layer in copy.layers:
        if kernel_axis(layer) is not None:
            norm = model.get_layer(folded[layer.name]) if layer.name in folded else None
            layer.set_weights(_folded_weights(model.get_layer(layer.name), norm))
        elif layer.weights:
            layer.set_weights(model.get_layer(layer.name).get_weights())
    return copy


def readers(layer: layers.Layer) -> list[layers.Layer]:
    """Return the layers that read a layer's output."""
    return [node.operation for node in layer._outbound_nodes]


def kernel_before(norm: layers.Layer) -> layers.Layer:
    """Return the layer whose output a normalisation scales.

    Raises:
        QuantizationError: there is none, or others read its output too.
    """
    before = norm.input._keras_history.operation
    if kernel_axis(before) is None or readers(before) != [norm]:
        raise QuantizationError(
            f"batch normalisation {norm.name!r} follows {before.name!r}, not a convolution of its "
            "own: it cannot be folded"
        )
    return before


def kernel_axis(layer: layers.Layer) -> int | None:
    """Return the axis of the output channels in a layer's kernel; None for one without kernel."""
    axes = _kernel_axes(layer)
    return axes[1] if axes else None


def input_axis(layer: layers.Layer) -> int | None:
    """Return the axis of the input channels in a layer's kernel; None for one without kernel."""
    axes = _kernel_axes(layer)
    return axes[0] if axes else None


def _kernel_axes(layer: layers.Layer) -> tuple[int, int] | None:
    return next((axes for kind, axes in KERNEL_AXES.items() if isinstance(layer, kind)), None)


def _is_norm(layer: layers.Layer) -> bool:
    return isinstance(layer, layers.BatchNormalization)


def _folded_weights(kernel_layer: layers.Layer, norm: layers.Layer | None) -> list[np.ndarray]:
    """Return kernel and bias: y = g (W x + b - m) / s + h  =  (g / s) W x + (b - m) g / s + h."""
    weights = kernel_layer.get_weights()
    kernel = weights[0]
    channels = kernel.shape[kernel_axis(kernel_layer)]
    bias = weights[1] if kernel_layer.use_bias else np.zeros(channels, kernel.dtype)
    if norm is None:
        return [kernel, bias]
    mean, deviation = (np.asarray(v) for v in (norm.moving_mean, norm.moving_variance))
    deviation = np.sqrt(deviation + norm.epsilon)
    gain = (np.asarray(norm.gamma) if norm.scale else np.ones(channels)) / deviation
    shift = np.asarray(norm.beta) if norm.center else np.zeros(channels)
    axis = kernel_axis(kernel_layer)
    shape = [channels if place == axis else 1 for place in range(kernel.ndim)]
    return [kernel * gain.reshape(shape), (bias - mean) * gain + shift]


def _joined(layer: layers.Concatenate, tensors: list[Any]) -> Any:
    """Join tensors, some of them beforehand where XNNPACK would not take so many at once."""
    while len(tensors) > MAX_JOINED:
        first = layers.Concatenate(layer.axis, name=f"{layer.name}_first_{len(tensors)}")
        tensors = [first(tensors[:MAX_JOINED]), *tensors[MAX_JOINED:]]
    return layer(tensors)


def _padding_before(layer: layers.Layer) -> layers.ZeroPadding2D | None:
    if not isinstance(layer, layers.Conv2D | layers.DepthwiseConv2D) or layer.padding != "valid":
        return None
    before = layer.input._keras_history.operation
    return before if isinstance(before, layers.ZeroPadding2D) else None


def _same_does(padding: Any, layer: layers.Layer) -> bool:
    """Say whether "same" pads as much, on each side, as the padding that a layer reads."""
    reads_it = _padding_before(layer) is padding
    if not reads_it:
        return False
    sides = padding.input.shape[1:3]
    wanted = []
    for side, kernel, stride in zip(sides, layer.kernel_size, layer.strides, strict=True):
        total = max((-(-side // stride) - 1) * stride + kernel - side, 0)
        wanted.append((total // 2, total - total // 2))
    return bool(tuple(wanted) == padding.padding)
