from __future__ import annotations

import keras

from train.models.cost import count_macs


def test_macs_of_each_kind_of_layer_by_hand():
    image = keras.Input((8, 8, 3))
    x = keras.layers.Conv2D(4, 3, strides=2, padding="same")(image)  # 4 x 4 x 4 outputs
    x = keras.layers.DepthwiseConv2D(3, padding="same")(x)
    x = keras.layers.Conv2D(6, (5, 1), padding="same")(x)
    x = keras.layers.GlobalAveragePooling2D()(x)
    x = keras.layers.Dense(5)(x)
    expected = 4 * 4 * 4 * 3 * 9 + 4 * 4 * 4 * 9 + 4 * 4 * 6 * 4 * 5 + 6 * 5
    assert count_macs(keras.Model(image, x)) == expected
