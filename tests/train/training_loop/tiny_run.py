"""``python -m train`` with a network that is traced in no time; run by ``test_kill``."""

from __future__ import annotations

import sys
from typing import Any

import keras
from keras import layers

from command_line.command import run_command
from train.__main__ import main
from train.methods import catalogue
from train.models.backbones import pixels
from train.models.pip_head import pip_head


def tiny_network(config: Any, n_points: int) -> keras.Model:
    """Return a network with the outputs of a PIPNet, normalisation and dropout."""
    image, x = pixels(config.size)
    for stage in range(2):
        x = layers.Conv2D(8, 4, strides=4, use_bias=False)(x)
        x = layers.ReLU()(layers.BatchNormalization(name=f"norm_{stage}")(x))
    return keras.Model(image, pip_head(layers.Dropout(0.2)(x), n_points, config.pip.k))


if __name__ == "__main__":
    catalogue.build_network = tiny_network
    sys.exit(run_command(main))
