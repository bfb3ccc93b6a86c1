"""The network as it is trained: same weights, other layers where training wants other ones.

Keras 3 spells batch normalisation out in a dozen element-wise operations, each a pass over memory;
on a MobileNetV2 at 128 px they take more time than all convolutions together. TensorFlow's fused
kernel does the same in one. keras.applications pads before a strided depthwise convolution, which
copies the largest maps twice a step; "same" padding is the same zeros without the copy. Mixed
precision, too, belongs to training alone. All this lives in a copy whose weights go back into the
plain network, so that a saved file holds the layers that were asked for. On another Keras backend
normalisation stays stock.
"""

from __future__ import annotations

from typing import Any

import keras


class FusedBatchNormalization(keras.layers.BatchNormalization):
    """``keras.layers.BatchNormalization`` over the last axis, computed by the fused kernel."""

    def call(self, inputs: Any, training: bool | None = None, mask: Any = None) -> Any:
        """Normalise ``inputs`` (B, H, W, C); update the moving statistics while training."""
        if not training or not self.trainable:
            return super().call(inputs, training=training, mask=mask)
        import tensorflow as tf  # the TensorFlow backend is running if this class is in use

        outputs, mean, variance = tf.compat.v1.nn.fused_batch_norm(
            tf.cast(inputs, tf.float32),  # statistics need all bits, in mixed precision too
            tf.cast(self.gamma, tf.float32),
            tf.cast(self.beta, tf.float32),
            epsilon=self.epsilon,
            is_training=True,
        )
        for moving, batch in ((self.moving_mean, mean), (self.moving_variance, variance)):
            moving.assign(moving * self.momentum + batch * (1.0 - self.momentum))
        return tf.cast(outputs, self.compute_dtype)


def training_copy(
    model: keras.Model,
    *,
    norm_momentum: float,
    precision: str = "float32",
    synchronized: bool = False,
) -> keras.Model:
    """Return the network to train: the same weights in the same order.

    Args:
        model: functional, float32.
        norm_momentum: of moving statistics. keras.applications has 0.999, made for millions of
            steps; our runs have ten thousand.
        precision: a Keras dtype policy; outputs stay float32.
        synchronized: normalise over the batches of all processes. JAX always does: there the batch
            of all is one array.
    """
    on_tensorflow = keras.backend.backend() == "tensorflow"
    kind = keras.layers.BatchNormalization
    if on_tensorflow and not synchronized:
        kind = FusedBatchNormalization
    outputs = {tensor._keras_history.operation.name for tensor in model.outputs}

    def swap(layer: keras.layers.Layer) -> keras.layers.Layer:
        settings = layer.get_config()
        if precision != "float32" and layer.name not in outputs:
            settings["dtype"] = precision
        if _pads_for_stride(layer):
            return keras.layers.Identity(name=layer.name, dtype=settings["dtype"])
        if _is_strided_depthwise(layer):
            return keras.layers.DepthwiseConv2D.from_config({**settings, "padding": "same"})
        if not isinstance(layer, keras.layers.BatchNormalization):
            return layer.__class__.from_config(settings)
        settings |= {"momentum": norm_momentum, "synchronized": on_tensorflow and synchronized}
        return kind.from_config(settings)

    copy = keras.models.clone_model(model, clone_function=swap)
    copy.set_weights(model.get_weights())
    return copy


def _pads_for_stride(layer: keras.layers.Layer) -> bool:
    """Say whether a layer does nothing but pad for one strided depthwise convolution."""
    if not isinstance(layer, keras.layers.ZeroPadding2D):
        return False
    readers = [node.operation for node in layer._outbound_nodes]
    return bool(readers) and all(_is_strided_depthwise(reader) for reader in readers)


def _is_strided_depthwise(layer: keras.layers.Layer) -> bool:
    """Say whether a layer is keras.applications' 3 x 3 depthwise convolution of stride 2.

    Its padding before (0 for an even side, 1 for an odd one) and after (1) is that of "same".
    """
    return (
        isinstance(layer, keras.layers.DepthwiseConv2D)
        and (layer.kernel_size, layer.strides, layer.padding) == ((3, 3), (2, 2), "valid")
        and isinstance(layer.input._keras_history.operation, keras.layers.ZeroPadding2D)
    )
