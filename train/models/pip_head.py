"""PIPNet's head (IJCV 2021, section 3.1): score, offsets and neighbours on one feature map."""

from __future__ import annotations

import keras
from keras import layers


def pip_head(x: keras.KerasTensor, n_points: int, k: int) -> dict[str, keras.KerasTensor]:
    """Return the maps of a PIP head: 1 x 1 convolutions with bias and no activation.

    Args:
        x: feature map (B, G, G, C).
        n_points: L, landmarks.
        k: K, neighbours of each; 0 for a head without neighbours.

    Returns:
        ``score`` (B, G, G, L), ``offsets`` (B, G, G, 2 L) and, unless K is 0, ``neighbours``
        (B, G, G, 2 L K); see ``landmarks.decode.decode_pip``. They are separate outputs, so that
        INT8 gives each its own scale.
    """
    channels = {"score": n_points, "offsets": 2 * n_points, "neighbours": 2 * n_points * k}
    return {
        name: layers.Conv2D(
            count,
            1,
            # PIPNet's initialisation: the maps start near zero
            kernel_initializer=keras.initializers.RandomNormal(stddev=0.001),
            dtype="float32",
            name=name,
        )(x)
        for name, count in channels.items()
        if count
    }
