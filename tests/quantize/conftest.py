from __future__ import annotations

from pathlib import Path

import keras
import numpy as np
import pytest

from landmarks.card import ModelCard, PipHead, as_points
from landmarks.faces import read_labelled_faces
from landmarks.model_file import with_card
from quantize.calibrate import calibration_set
from quantize.tflite import quantize_ptq
from train.models.asmpip import AsmpipConfig, build_asmpip

FACES = Path(__file__).resolve().parents[2] / "calib_data" / "faces"
TINY = AsmpipConfig(size=64, k=3, width=0.35, hidden=32, reduced=24)


@pytest.fixture(scope="session")
def tiny():
    """A small untrained network whose maps are not flat, and its card."""
    keras.utils.set_random_seed(3)
    model = build_asmpip(TINY)
    rng = np.random.default_rng(3)
    for name in ("score", "offsets", "neighbours"):
        layer = model.get_layer(name)
        layer.set_weights([rng.normal(0, 0.3, w.shape) for w in layer.get_weights()])
    face = read_labelled_faces(FACES)[0].points_frame / 192
    card = ModelCard(
        name="tiny-64",
        architecture="asmpip",
        precision="float32",
        scheme="300w-68",
        input_size=TINY.size,
        crop_scale=1.25,
        head=PipHead(grid=TINY.grid, k=TINY.k, mean_face=as_points(face)),
        outputs=("score", "offsets", "neighbours"),
        training={"dataset": "none"},
    )
    return model, card


@pytest.fixture(scope="session")
def tiny_file(tiny, tmp_path_factory):
    model, card = tiny
    path = tmp_path_factory.mktemp("tiny") / "model.keras"
    model.save(path)
    path.write_bytes(with_card(path.read_bytes(), card, ".keras"))
    return path


@pytest.fixture(scope="session")
def tiny_graph(tiny):
    model, card = tiny
    crops = calibration_set(read_labelled_faces(FACES)[:16], card).crops
    return quantize_ptq(model, card, crops), crops
