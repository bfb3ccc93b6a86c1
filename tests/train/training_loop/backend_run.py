"""Run by ``test_backends`` in processes of their own: the backend is chosen before Keras starts."""

from __future__ import annotations

import sys
from pathlib import Path

import keras
import numpy as np

from train.fit import fit
from train.settings.fit import FitConfig
from train.settings.teaching import PipConfig, PoseConfig


def train(data: Path, out: Path, models: list[str]) -> None:
    """Train each model for two epochs, the second one after a resume, into a folder of its name."""
    for model in models:
        config = FitConfig(
            data=data,
            out=out / model,
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


def predict(out: Path, paths: list[str]) -> None:
    """Write the outputs of saved networks for fixed images, ``0/points`` for the first file."""
    images = np.random.default_rng(4).integers(0, 256, (3, 32, 32, 3)).astype(np.uint8)
    arrays = {}
    for place, path in enumerate(paths):
        outputs = keras.models.load_model(path, compile=False)(images, training=False)
        for name, value in outputs.items():
            arrays[f"{place}/{name}"] = keras.ops.convert_to_numpy(value)
    np.savez(out, **arrays)


if __name__ == "__main__":
    command, *rest = sys.argv[1:]
    if command == "train":
        train(Path(rest[0]), Path(rest[1]), rest[2:])
    else:
        predict(Path(rest[0]), rest[1:])
