"""What the tests of ``quantize`` share: one tiny network, folded, calibrated, rounded, exported."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # before TensorFlow is imported

import keras
import numpy as np

from landmarks.card import ModelCard, PipHead, RegressionHead, as_points
from landmarks.faces import read_labelled_faces
from landmarks.model_file import with_card
from quantize.calibrate import CalibrationSet, read_calibration
from quantize.config import PtqConfig
from quantize.files.tflite import TfliteGraph, export_int8
from quantize.networks.fold import fold
from quantize.ptq import Rounded, quantize_after_training
from train.models.backbones import pixels
from train.models.pip_head import pip_head

FACES = Path(__file__).resolve().parents[2] / "calib_data" / "faces"
SIZE, K = 32, 3


@dataclass(frozen=True)
class Tiny:
    """A network and its card."""

    model: keras.Model
    card: ModelCard


@pytest.fixture(scope="session")
def faces() -> Path:
    return FACES


@pytest.fixture(scope="session")
def tiny() -> Tiny:
    """An untrained MobileNet of two blocks with PIP maps that are not flat."""
    keras.utils.set_random_seed(3)
    image, x = pixels(SIZE)
    x = _block(x, 8, 2, "first")
    x = _block(x, 8, 2, "second")
    x = keras.layers.Add(name="sum")([x, _block(x, 8, 1, "third")])
    model = keras.Model(image, pip_head(x, 68, K), name="tiny")
    randomise(model)
    return Tiny(model, card_of(PipHead(grid=8, k=K, mean_face=_mean_face()), tuple(model.output)))


@pytest.fixture(scope="session")
def tiny_file(tiny, tmp_path_factory) -> Path:
    return save(tiny, tmp_path_factory.mktemp("tiny") / "model.keras")


@pytest.fixture(scope="session")
def tiny_regression() -> Tiny:
    """The same trunk with coordinates and a pose instead of maps."""
    keras.utils.set_random_seed(4)
    image, x = pixels(SIZE)
    x = keras.layers.GlobalAveragePooling2D(name="pool")(_block(x, 16, 4, "first"))
    outputs = {
        name: keras.layers.Dense(count, name=name)(x)
        for name, count in {"points": 136, "pose": 3}.items()
    }
    model = keras.Model(image, outputs, name="tiny")
    randomise(model)
    scale = as_points(np.full((68, 2), 0.1))
    return Tiny(model, card_of(RegressionHead(_mean_face(), scale), tuple(model.output)))


@pytest.fixture(scope="session")
def calibration(tiny) -> CalibrationSet:
    return read_calibration(FACES, tiny.card, 16)


@pytest.fixture(scope="session")
def rounded(tiny, calibration) -> Rounded:
    return quantize_after_training(fold(tiny.model), calibration, PtqConfig())


@pytest.fixture(scope="session")
def graph(rounded, calibration) -> TfliteGraph:
    """The INT8 graph of the tiny network."""
    return export_int8(rounded.simulated, calibration.crops[0])


def randomise(model: keras.Model) -> None:
    """Give a network weights and statistics that make all its parts matter."""
    rng = np.random.default_rng(5)
    for layer in model.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            channels = layer.gamma.shape
            layer.set_weights(
                [
                    rng.uniform(0.5, 1.5, channels),
                    rng.normal(0.5, 0.3, channels),
                    rng.normal(0, 0.2, channels),
                    rng.uniform(0.3, 1.0, channels),
                ]
            )
        elif layer.name in model.output:
            layer.set_weights([rng.normal(0, 0.3, w.shape) for w in layer.get_weights()])


def save(tiny: Tiny, path: Path) -> Path:
    """Write a network with its card."""
    tiny.model.save(path)
    path.write_bytes(with_card(path.read_bytes(), tiny.card, ".keras"))
    return path


def card_of(head: Any, outputs: tuple[str, ...]) -> ModelCard:
    return ModelCard(
        name="tiny",
        architecture="tiny",
        precision="float32",
        scheme="300w-68",
        input_size=SIZE,
        crop_scale=1.25,
        head=head,
        outputs=outputs,
        training={"dataset": "none"},
    )


def _mean_face() -> tuple[tuple[float, float], ...]:
    return as_points(read_labelled_faces(FACES)[0].points_frame / 192)


def _block(x: Any, channels: int, stride: int, name: str) -> Any:
    layers = keras.layers
    x = layers.Conv2D(4 * channels, 1, use_bias=False, name=f"{name}_expand")(x)
    x = layers.ReLU(6.0, name=f"{name}_relu")(
        layers.BatchNormalization(name=f"{name}_expand_BN")(x)
    )
    x = layers.DepthwiseConv2D(3, stride, padding="same", use_bias=False, name=f"{name}_depthwise")(
        x
    )
    x = layers.ReLU(6.0, name=f"{name}_depthwise_relu")(
        layers.BatchNormalization(name=f"{name}_depthwise_BN")(x)
    )
    x = layers.Conv2D(channels, 1, use_bias=False, name=f"{name}_project")(x)
    return layers.BatchNormalization(name=f"{name}_project_BN")(x)
