from __future__ import annotations

import sys

import numpy as np
import pytest

from edge.models import MODELS_DIR, model_path, shipped_models
from edge.runtime import default_threads, open_network
from edge.runtime.pixels import pixel_reader
from landmarks.errors import MissingExtraError, ModelFileError
from landmarks.faces import read_labelled_faces
from landmarks.locate import Localizer
from landmarks.measure import score
from landmarks.model_file import read_model


def test_every_int8_input_byte_is_the_pixel_minus_128():
    file = read_model(model_path("default"))
    size = file.card.input_size
    crop = np.arange(size * size * 3, dtype=np.int64).reshape(size, size, 3).astype(np.uint8)
    tensor = pixel_reader(file, [1, size, size, 3], np.dtype(np.int8))(crop)
    assert tensor.dtype == np.int8
    np.testing.assert_array_equal(tensor[0], crop.astype(np.int16) - 128)


@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
def test_a_uint8_or_float_input_takes_the_pixels_as_they_are(dtype):
    file = read_model(model_path("default"))
    size = file.card.input_size
    crop = np.arange(size * size * 3, dtype=np.int64).reshape(size, size, 3).astype(np.uint8)
    tensor = pixel_reader(file, [1, size, size, 3], np.dtype(dtype))(crop)
    assert tensor.dtype == dtype
    np.testing.assert_array_equal(tensor[0], crop)


@pytest.mark.parametrize("dtype", [np.float16, np.int16, np.float64])
def test_an_input_of_another_type_is_refused(dtype):
    file = read_model(model_path("default"))
    size = file.card.input_size
    with pytest.raises(ModelFileError, match="expected int8, uint8 or float32"):
        pixel_reader(file, [1, size, size, 3], np.dtype(dtype))


def test_an_input_that_is_not_nhwc_is_refused():
    file = read_model(model_path("default"))
    with pytest.raises(ModelFileError, match="NHWC"):
        pixel_reader(file, [1, 3, 128, 128], np.dtype(np.int8))


def test_a_crop_of_the_wrong_size_or_type_is_refused(localizer):
    for crop in (np.zeros((64, 64, 3), np.uint8), np.zeros((128, 128, 3), np.float32)):
        with pytest.raises(ValueError, match="expected uint8"):
            localizer.network.infer(crop)


def test_the_shipped_files_are_full_int8_and_name_their_parent():
    names = {path.name for path in shipped_models()}
    assert {"asmpip-144-int8.tflite", "asmpip-144-int8.onnx"} <= names
    for path in shipped_models():
        card = read_model(path).card
        assert card.precision == "int8"
        assert card.parent_sha256
        assert sorted(card.outputs) == ["neighbours", "offsets", "score"]


@pytest.mark.parametrize("suffix", [".tflite", ".onnx"])
def test_shipped_files_find_bundled_faces(suffix, faces_dir):
    network = open_network(MODELS_DIR / f"asmpip-144-int8{suffix}", threads=1)
    result = score(Localizer.of(network), read_labelled_faces(faces_dir)[:48])
    assert result.nme_percent < 4.5


def test_tflite_and_onnx_answer_alike(faces_dir):
    faces = read_labelled_faces(faces_dir)[:48]
    figures = [
        score(Localizer.of(open_network(MODELS_DIR / name, threads=1)), faces).nme_percent
        for name in ("asmpip-144-int8.tflite", "asmpip-144-int8.onnx")
    ]
    assert abs(figures[0] - figures[1]) <= 0.03


@pytest.mark.parametrize("suffix", [".tflite", ".onnx"])
@pytest.mark.parametrize("keep", [1, 1000, 0.5, -1])
def test_truncated_files_never_reach_the_interpreter(tmp_path, suffix, keep):
    data = (MODELS_DIR / f"asmpip-144-int8{suffix}").read_bytes()
    path = tmp_path / f"short{suffix}"
    path.write_bytes(data[: int(len(data) * keep) if isinstance(keep, float) else keep])
    with pytest.raises(ModelFileError):
        open_network(path)


def test_a_flipped_bit_in_the_weights_is_noticed(tmp_path):
    data = bytearray((MODELS_DIR / "asmpip-144-int8.tflite").read_bytes())
    data[len(data) // 2] ^= 1
    path = tmp_path / "flipped.tflite"
    path.write_bytes(data)
    with pytest.raises(ModelFileError, match="damaged"):
        open_network(path)


def test_a_shipped_model_is_known_by_name():
    assert model_path("default") == model_path("asmpip-144")
    assert model_path("asmpip-144") == MODELS_DIR / "asmpip-144-int8.tflite"
    assert model_path("asmpip-144-int8.onnx") == MODELS_DIR / "asmpip-144-int8.onnx"


def test_an_unknown_name_lists_the_shipped_models():
    with pytest.raises(ModelFileError, match=r"asmpip-144-int8\.tflite"):
        open_network("nonsense")


def test_a_keras_file_gets_the_advice_to_quantize(tmp_path):
    path = tmp_path / "m.keras"
    path.write_bytes((model_path("default")).read_bytes())
    with pytest.raises(ModelFileError):
        open_network(path)


def test_missing_interpreters_name_what_to_install(monkeypatch):
    for name in ("ai_edge_litert", "ai_edge_litert.interpreter", "tflite_runtime", "onnxruntime"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(MissingExtraError, match="pip install ai-edge-litert"):
        open_network("default")
    with pytest.raises(MissingExtraError, match=r"edge-landmarks\[onnx\]"):
        open_network("asmpip-144-int8.onnx")


def test_one_core_stays_free(monkeypatch):
    for cores, threads in ((1, 1), (2, 1), (4, 3), (64, 3)):
        monkeypatch.setattr("os.cpu_count", lambda cores=cores: cores)
        assert default_threads() == threads


def test_the_old_interpreter_beside_numpy_2_is_refused_in_words(monkeypatch):
    monkeypatch.setitem(sys.modules, "ai_edge_litert", None)
    monkeypatch.setitem(sys.modules, "ai_edge_litert.interpreter", None)
    monkeypatch.setattr("edge.runtime.litert.find_spec", lambda name: object())
    monkeypatch.setattr("numpy.__version__", "2.4.6")
    with pytest.raises(MissingExtraError, match=r"needs NumPy 1, here is 2\.4\.6.*numpy<2"):
        open_network("default")
