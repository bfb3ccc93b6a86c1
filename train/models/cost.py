"""What a network costs: its multiply-accumulates.

Published "FLOPs" of ASMNet are twice its MACs; figures here are MACs.
"""

from __future__ import annotations

import keras


def count_macs(network: keras.Model) -> int:
    """Return the multiply-accumulates of one inference: convolutions and dense layers.

    Args:
        network: a built functional Keras model.
    """
    total = 0
    for layer in network.layers:
        if isinstance(layer, keras.layers.DepthwiseConv2D):
            _, height, width, channels = layer.output.shape
            total += height * width * channels * layer.kernel_size[0] * layer.kernel_size[1]
        elif isinstance(layer, keras.layers.Conv2D):
            _, height, width, channels = layer.output.shape
            rows, columns = layer.kernel_size
            total += height * width * channels * layer.input.shape[-1] * rows * columns
        elif isinstance(layer, keras.layers.Dense):
            total += layer.input.shape[-1] * layer.units
    return int(total)
