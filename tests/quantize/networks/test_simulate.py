from __future__ import annotations

import keras
import numpy as np
import pytest
from ai_edge_litert.interpreter import Interpreter
from keras import layers

from quantize.config import PtqConfig
from quantize.files.tflite import export_int8
from quantize.networks.fake_quant import FakeQuant
from quantize.networks.fold import MAX_JOINED, fold
from quantize.ptq import quantize_after_training
from tests.quantize.conftest import SIZE
from train.models.backbones import pixels

TAPS = MAX_JOINED + 2


@pytest.fixture
def joined(calibration):
    """A network of a wide join, rounded; its ranges moved apart as training moves them."""
    keras.utils.set_random_seed(8)
    image, x = pixels(SIZE)
    maps = [layers.Conv2D(4, 3, 4, name=f"conv_{i}")(x) for i in range(TAPS)]
    taps = [layers.GlobalAveragePooling2D(name=f"tap_{i}")(m) for i, m in enumerate(maps)]
    points = layers.Dense(6, name="points")(layers.Concatenate(name="taps")(taps))
    rounded = quantize_after_training(
        fold(keras.Model(image, {"points": points})), calibration, PtqConfig()
    )
    for i, layer in enumerate(la for la in rounded.simulated.layers if isinstance(la, FakeQuant)):
        if layer.name != "scale_pixels_rounded":
            layer.high.assign(layer.high * (1 + 0.03 * i))
    return rounded


def test_a_join_of_a_trained_network_needs_no_other_scales_in_the_file(joined, calibration):
    graph = export_int8(joined.simulated, calibration.crops[0])
    interpreter = Interpreter(model_content=graph.data)
    interpreter.allocate_tensors()
    scales = {d["index"]: d["quantization"] for d in interpreter.get_tensor_details()}
    operations = interpreter._get_ops_details()
    assert "QUANTIZE" not in {operation["op_name"] for operation in operations}
    joins = [op for op in operations if op["op_name"] == "CONCATENATION"]
    assert len(joins) == 2
    used = {scales[i] for op in joins for i in (*op["inputs"], *op["outputs"])}
    assert len(used) == 1


def test_what_is_joined_has_the_range_of_the_join(joined):
    names = [*(f"tap_{i}" for i in range(TAPS)), "taps"]
    assert len({joined.ranges[name] for name in names}) == 1
    assert joined.ranges["conv_0"] != joined.ranges["conv_1"]


def test_the_file_answers_like_a_network_with_a_join(joined, calibration):
    graph = export_int8(joined.simulated, calibration.crops[0])
    interpreter = Interpreter(model_content=graph.data)
    interpreter.allocate_tensors()
    (entry,), (end,) = interpreter.get_input_details(), interpreter.get_output_details()
    for crop in calibration.crops[:8]:
        interpreter.set_tensor(entry["index"], (crop.astype(np.int16) - 128).astype(np.int8)[None])
        interpreter.invoke()
        scale, zero_point = end["quantization"]
        real = (interpreter.get_tensor(end["index"])[0].astype(np.float32) - zero_point) * scale
        expected = np.asarray(joined.simulated(crop[None], training=False)["points"])[0]
        assert np.abs(real - expected).max() < 1.5 * scale
