"""Stock Keras layers with the roundings of INT8 in them.

Kernels are rounded to -127 .. 127, with one scale for each output channel of a convolution and one
for a whole dense kernel; activations to 256 steps, with one scale and zero point a tensor. The
roundings are TensorFlow's own fake_quant operations: the converter reads the scales of the file
from them (Jacob et al. 2018; TensorFlow Lite 8-bit quantization specification).
"""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf
from keras import layers, ops

from landmarks.errors import QuantizationError

Range = tuple[float, float]
# A channel whose weights are all but zero would get a scale at which the int32 bias overflows.
SMALLEST_CHANNEL = 1e-4  # of the layer's largest
SMALLEST_WIDTH = 1e-6  # of a range: a tensor that is always zero has a scale, too


@keras.saving.register_keras_serializable("edge_landmarks")
class FakeQuant(layers.Layer):
    """Round a tensor to 256 steps of a range that holds zero.

    The range is learned: its gradient is that of the values beyond it. ``freeze`` ends that.
    """

    def __init__(self, low: float, high: float, **settings: Any) -> None:
        """Start with a range, which is widened to hold zero."""
        super().__init__(**settings)
        self.start = (min(low, 0.0), max(high, min(low, 0.0) + SMALLEST_WIDTH, 0.0))
        self.low, self.high = (
            self.add_weight((), keras.initializers.Constant(value), name=name)
            for name, value in zip(("low", "high"), self.start, strict=True)
        )
        self.kept_low, self.kept_high, self.frozen = (
            self.add_weight((), "zeros", trainable=False, name=name)
            for name in ("kept_low", "kept_high", "frozen")
        )

    def get_config(self) -> dict[str, Any]:
        """Return what builds the layer again."""
        config: dict[str, Any] = super().get_config()
        return config | dict(zip(("low", "high"), self.start, strict=True))

    def compute_output_shape(self, input_shape: Any) -> Any:
        """Return the shape that came in."""
        return input_shape

    def freeze(self) -> None:
        """Keep the range as it is now, whatever training does to it from here on."""
        if not float(self.frozen):
            self.kept_low.assign(self.low)
            self.kept_high.assign(self.high)
            self.frozen.assign(1.0)

    def range(self) -> tuple[Any, Any]:
        """Return the two ends of the range in force."""
        frozen = ops.greater(self.frozen, 0.5)
        low = ops.where(frozen, self.kept_low, self.low)
        high = ops.where(frozen, self.kept_high, self.high)
        return ops.minimum(low, 0.0), ops.maximum(high, SMALLEST_WIDTH)

    def call(self, inputs: Any) -> Any:
        """Round ``inputs``, of any shape."""
        return tf.quantization.fake_quant_with_min_max_vars(inputs, *self.range())


@keras.saving.register_keras_serializable("edge_landmarks")
class FakeQuantConv2D(layers.Conv2D):
    """``Conv2D`` with a rounded kernel."""

    def call(self, inputs: Any) -> Any:
        """Convolve ``inputs`` (B, H, W, C)."""
        outputs = ops.conv(
            inputs,
            _round_channels(self.kernel),
            strides=self.strides,
            padding=self.padding,
            dilation_rate=self.dilation_rate,
        )
        return self.activation(ops.add(outputs, self.bias))


@keras.saving.register_keras_serializable("edge_landmarks")
class FakeQuantDepthwiseConv2D(layers.DepthwiseConv2D):
    """``DepthwiseConv2D`` with a rounded kernel."""

    def call(self, inputs: Any) -> Any:
        """Convolve ``inputs`` (B, H, W, C)."""
        height, width, channels, multiplier = self.kernel.shape
        flat = ops.reshape(self.kernel, (height, width, channels * multiplier))
        outputs = ops.depthwise_conv(
            inputs,
            ops.reshape(_round_channels(flat), self.kernel.shape),
            strides=self.strides,
            padding=self.padding,
            dilation_rate=self.dilation_rate,
        )
        return self.activation(ops.add(outputs, self.bias))


@keras.saving.register_keras_serializable("edge_landmarks")
class FakeQuantConv2DTranspose(layers.Conv2DTranspose):
    """``Conv2DTranspose`` with a rounded kernel of one scale."""

    def call(self, inputs: Any) -> Any:
        """Spread ``inputs`` (B, H, W, C) out."""
        outputs = ops.conv_transpose(
            inputs,
            _round_whole(self.kernel),
            strides=self.strides,
            padding=self.padding,
            output_padding=self.output_padding,
            dilation_rate=self.dilation_rate,
        )
        return self.activation(ops.add(outputs, self.bias))


@keras.saving.register_keras_serializable("edge_landmarks")
class FakeQuantDense(layers.Dense):
    """``Dense`` with a rounded kernel: one scale, for the converter refuses one a channel."""

    def call(self, inputs: Any) -> Any:
        """Multiply ``inputs`` (B, C)."""
        outputs = ops.matmul(inputs, _round_whole(self.kernel))
        return self.activation(ops.add(outputs, self.bias))


ROUNDED: dict[type[layers.Layer], type[layers.Layer]] = {
    layers.Conv2D: FakeQuantConv2D,
    layers.DepthwiseConv2D: FakeQuantDepthwiseConv2D,
    layers.Conv2DTranspose: FakeQuantConv2DTranspose,
    layers.Dense: FakeQuantDense,
}


def rounded(layer: layers.Layer) -> layers.Layer:
    """Return a layer like a stock one with a kernel and a bias, whose kernel is rounded.

    Raises:
        QuantizationError: there is no rounded form of its kind.
    """
    if type(layer) not in ROUNDED:
        raise QuantizationError(
            f"{layer.name}: a {type(layer).__name__} cannot be quantized, only "
            + ", ".join(kind.__name__ for kind in ROUNDED)
        )
    return ROUNDED[type(layer)].from_config(layer.get_config() | {"use_bias": True})


def _round_channels(kernel: Any) -> Any:
    """Round a kernel whose last axis is the output channel."""
    top = ops.max(ops.abs(kernel), axis=tuple(range(len(kernel.shape) - 1)))
    top = ops.stop_gradient(ops.maximum(top, SMALLEST_CHANNEL * ops.max(top)))
    return tf.quantization.fake_quant_with_min_max_vars_per_channel(
        kernel, -top, top, narrow_range=True
    )


def _round_whole(kernel: Any) -> Any:
    top = ops.stop_gradient(ops.max(ops.abs(kernel)))
    return tf.quantization.fake_quant_with_min_max_vars(kernel, -top, top, narrow_range=True)
