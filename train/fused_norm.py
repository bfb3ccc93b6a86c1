"""Batch normalisation as one TensorFlow kernel while training on a CPU.

Keras 3 spells batch normalisation out in a dozen element-wise operations, each a pass over memory;
on a MobileNetV2 at 128 px they take more time than all convolutions together. TensorFlow's fused
kernel does the same in one. The layer exists while training only: ``with_fused_norm`` swaps it in,
and the trained weights go back into the plain network, so that a saved file holds stock Keras
layers alone. On another Keras backend the network trains as it is.
"""

from __future__ import annotations

from typing import Any

import keras

# keras.applications uses 0.999, made for millions of steps; our runs have ten thousand.
MOVING_MOMENTUM = 0.99


class FusedBatchNormalization(keras.layers.BatchNormalization):
    """``keras.layers.BatchNormalization`` over the last axis, computed by the fused kernel."""

    def call(self, inputs: Any, training: bool | None = None, mask: Any = None) -> Any:
        """Normalise ``inputs`` (B, H, W, C); update the moving statistics while training."""
        if not training or not self.trainable:
            return super().call(inputs, training=training, mask=mask)
        import tensorflow as tf  # the TensorFlow backend is running if this class is in use

        outputs, mean, variance = tf.compat.v1.nn.fused_batch_norm(
            inputs, self.gamma, self.beta, epsilon=self.epsilon, is_training=True
        )
        for moving, batch in ((self.moving_mean, mean), (self.moving_variance, variance)):
            moving.assign(moving * self.momentum + batch * (1.0 - self.momentum))
        return outputs


def with_fused_norm(model: keras.Model) -> keras.Model:
    """Return the network to train: the same weights in the same order, faster normalisation."""
    fused = keras.backend.backend() == "tensorflow"

    def swap(layer: keras.layers.Layer) -> keras.layers.Layer:
        if not isinstance(layer, keras.layers.BatchNormalization):
            return layer.__class__.from_config(layer.get_config())
        kind = FusedBatchNormalization if fused else keras.layers.BatchNormalization
        return kind.from_config({**layer.get_config(), "momentum": MOVING_MOMENTUM})

    copy = keras.models.clone_model(model, clone_function=swap)
    copy.set_weights(model.get_weights())
    return copy
