"""Run by ``test_backends`` in processes of their own: the backend is chosen before Keras starts."""

from __future__ import annotations

import sys
from pathlib import Path

import keras
import numpy as np

from train.fit import fit
from train.fit_config import FitConfig, PipConfig
from train.methods.pose import PoseConfig


def train(model: str, data: Path, out: Path) -> None:
    """Two epochs, the second one after a resume."""
    config = FitConfig(
        data=data,
        out=out,
        model=model,
        size=32,
        epochs=1,
        batch=4,
        validate_every=1,
        pip=PipConfig(k=3),
        pose=PoseConfig(output=model == "asmnet"),
    )
    fit(config)
    fit(FitConfig(**{**vars(config), "epochs": 2}), resume=True)


def predict(path: Path, out: Path) -> None:
    """Write the outputs of a saved network for fixed images."""
    images = np.random.default_rng(4).integers(0, 256, (3, 32, 32, 3)).astype(np.uint8)
    network = keras.models.load_model(path, compile=False)
    outputs = network(images, training=False)
    np.savez(out, **{name: keras.ops.convert_to_numpy(value) for name, value in outputs.items()})


if __name__ == "__main__":
    command, first, *rest = sys.argv[1:]
    if command == "train":
        train(first, *map(Path, rest))
    else:
        predict(Path(first), Path(rest[0]))
