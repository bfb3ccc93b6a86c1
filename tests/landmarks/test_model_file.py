import io
import json
import tracemalloc
import zipfile

import numpy as np
import pytest

from landmarks.card import SCHEMA_VERSION, ModelCard
from landmarks.errors import ModelFileError
from landmarks.model_file import MEMBER, ONNX_KEY, SUFFIXES, read_model, with_card, with_other_card
from landmarks.provenance import sha256


def protobuf_field(number, content):
    assert len(content) < 128
    return bytes([number << 3 | 2, len(content)]) + content


def tiny_graph(suffix):
    """Bytes that a reader of the kind would take for a graph without card."""
    noise = np.random.default_rng(4).integers(0, 256, 600, np.uint8).tobytes()
    if suffix == ".tflite":
        return b"\x1c\x00\x00\x00TFL3" + noise
    if suffix == ".onnx":
        opset = protobuf_field(8, b"\x10\x0d")
        return b"\x08\x08" + protobuf_field(2, b"tests") + protobuf_field(7, noise[:100]) + opset
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("metadata.json", '{"keras_version": "3.15.1"}')
        archive.writestr("config.json", json.dumps({"layers": list(range(60))}))
        archive.writestr("model.weights.h5", noise)
    return buffer.getvalue()


every_kind = pytest.mark.parametrize("suffix", SUFFIXES)


@pytest.fixture
def write(tmp_path):
    def write_bytes(data, suffix):
        path = tmp_path / f"model{suffix}"
        path.write_bytes(data)
        return path

    return write_bytes


@every_kind
def test_card_comes_back_as_it_was_put_in(write, make_card, suffix):
    graph, card = tiny_graph(suffix), make_card()
    model = read_model(write(with_card(graph, card, suffix), suffix))
    assert model.card == card
    if suffix == ".keras":
        with zipfile.ZipFile(io.BytesIO(model.graph)) as archive:
            assert set(archive.namelist()) > {"metadata.json", "config.json", "model.weights.h5"}
    else:
        assert model.graph == graph
        assert model.sha256 == sha256(graph)


@every_kind
def test_same_graph_and_card_give_the_same_bytes(make_card, suffix):
    graph = tiny_graph(suffix)
    assert with_card(graph, make_card(), suffix) == with_card(graph, make_card(), suffix)


@every_kind
def test_another_card_is_as_if_it_had_been_the_first(write, make_card, suffix):
    graph, card = tiny_graph(suffix), make_card(name="another")
    model = read_model(write(with_card(graph, make_card(), suffix), suffix))
    changed = read_model(write(with_other_card(model, card), suffix))
    assert changed.card == card
    assert changed.sha256 == model.sha256
    if suffix != ".keras":
        assert with_other_card(model, card) == with_card(graph, card, suffix)


@every_kind
def test_identity_of_a_model_does_not_depend_on_its_card(write, make_card, suffix):
    graph = tiny_graph(suffix)
    one = read_model(write(with_card(graph, make_card(), suffix), suffix))
    other = read_model(write(with_card(graph, make_card(name="renamed"), suffix), suffix))
    assert one.sha256 == other.sha256


@pytest.mark.parametrize("suffix", [".tflite", ".keras"])
def test_unzip_opens_the_card(write, make_card, suffix):
    path = write(with_card(tiny_graph(suffix), make_card(), suffix), suffix)
    with zipfile.ZipFile(path) as archive:
        assert json.loads(archive.read(MEMBER))["scheme"] == "300w-68"


def test_interpreter_finds_the_graph_of_a_tflite_file_at_the_front(make_card):
    graph = tiny_graph(".tflite")
    assert with_card(graph, make_card(), ".tflite").startswith(graph)


def test_onnx_shows_the_card_in_its_metadata(write, make_card):
    onnx = pytest.importorskip("onnx")
    value = onnx.helper.make_tensor_value_info("x", onnx.TensorProto.FLOAT, [1])
    node = onnx.helper.make_node("Relu", ["x"], ["y"])
    result = onnx.helper.make_tensor_value_info("y", onnx.TensorProto.FLOAT, [1])
    graph = onnx.helper.make_graph([node], "tiny", [value], [result])
    plain = onnx.helper.make_model(graph)
    plain.metadata_props.add(key="author", value="someone")
    data = with_card(plain.SerializeToString(), make_card(), ".onnx")

    loaded = onnx.load_from_string(data)
    onnx.checker.check_model(loaded)
    properties = {prop.key: prop.value for prop in loaded.metadata_props}
    assert properties["author"] == "someone"
    assert json.loads(properties[ONNX_KEY.decode()])["scheme"] == "300w-68"
    assert read_model(write(data, ".onnx")).graph == plain.SerializeToString()


@every_kind
@pytest.mark.parametrize("kept", ["one_byte", "a_tenth", "half", "all_but_the_tail", "all_but_one"])
def test_truncated_model_is_rejected(write, make_card, suffix, kept):
    data = with_card(tiny_graph(suffix), make_card(), suffix)
    n = len(data)
    length = {
        "one_byte": 1,
        "a_tenth": n // 10,
        "half": n // 2,
        "all_but_the_tail": n - 64,
        "all_but_one": n - 1,
    }[kept]
    with pytest.raises(ModelFileError):
        read_model(write(data[:length], suffix))


@pytest.mark.parametrize("suffix", [".tflite", ".onnx"])
def test_a_flipped_bit_anywhere_is_rejected(write, make_card, suffix):
    data = with_card(tiny_graph(suffix), make_card(), suffix)
    for at in range(len(data)):
        damaged = bytearray(data)
        damaged[at] ^= 1 << at % 8
        with pytest.raises(ModelFileError):
            read_model(write(bytes(damaged), suffix))


def test_a_flipped_bit_of_a_keras_archive_is_rejected_or_harmless(write, make_card):
    """Its fields that carry nothing, such as dates, may change unseen: no interpreter reads it."""
    card = make_card()
    data = with_card(tiny_graph(".keras"), card, ".keras")
    intact = read_model(write(data, ".keras"))
    rejected, flips = 0, np.random.default_rng(6).permutation(len(data) * 8)[:1000]
    for flip in flips.tolist():
        damaged = bytearray(data)
        damaged[flip // 8] ^= 1 << flip % 8
        try:
            model = read_model(write(bytes(damaged), ".keras"))
        except ModelFileError:
            rejected += 1
            continue
        assert model.card == card, f"bit {flip}"
        assert model.sha256 == intact.sha256
    assert rejected > 0.8 * len(flips)


@pytest.mark.parametrize("suffix", [".tflite", ".onnx"])
def test_bytes_appended_to_a_model_are_rejected(write, make_card, suffix):
    data = with_card(tiny_graph(suffix), make_card(), suffix)
    with pytest.raises(ModelFileError):
        read_model(write(data + b"\0" * 100, suffix))


def test_edited_card_is_rejected(write, make_card):
    data = with_card(tiny_graph(".onnx"), make_card(), ".onnx")
    edited = data.replace(b'"input_size": 128', b'"input_size": 256')
    assert edited != data
    with pytest.raises(ModelFileError, match="checksum"):
        read_model(write(edited, ".onnx"))


@pytest.mark.parametrize("suffix", [".tflite", ".onnx"])
def test_card_of_another_model_is_rejected(write, make_card, suffix):
    graph = tiny_graph(suffix)
    tail = with_card(graph, make_card(), suffix)[len(graph) :]
    other = graph.replace(b"tests", b"other") if suffix == ".onnx" else graph[:-1] + b"\x01"
    with pytest.raises(ModelFileError, match="checksum"):
        read_model(write(other + tail, suffix))


@every_kind
def test_model_without_card_is_rejected(write, suffix):
    with pytest.raises(ModelFileError, match="no model card"):
        read_model(write(tiny_graph(suffix), suffix))


@every_kind
def test_newer_schema_is_rejected(write, make_card, suffix):
    card = make_card(schema_version=SCHEMA_VERSION + 1)
    with pytest.raises(ModelFileError, match="upgrade"):
        read_model(write(with_card(tiny_graph(suffix), card, suffix), suffix))


@every_kind
def test_card_with_the_wrong_number_of_points_is_rejected(write, make_card, suffix):
    card = make_card(scheme="wflw-98")
    with pytest.raises(ModelFileError, match="68 mean points, but wflw-98"):
        read_model(write(with_card(tiny_graph(suffix), card, suffix), suffix))


@every_kind
@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "empty"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:12\n", "git lfs pull"),
        (b"<!DOCTYPE html>\n<html><body>404</body></html>", "web page"),
        (b"\n <HTML><body>404</body></HTML>", "web page"),
        (b"just some text, and then a little more of it", None),
        (bytes(5000), None),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), None),
        (b"PK\x05\x06" + bytes(18), None),
    ],
    ids=["empty", "lfs_pointer", "html", "html_upper_case", "text", "zeros", "png", "empty_zip"],
)
def test_file_that_is_no_model_is_rejected_by_what_it_is(write, suffix, content, message):
    path = write(content, suffix)
    with pytest.raises(ModelFileError, match=message) as caught:
        read_model(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


@every_kind
def test_random_bytes_are_rejected(write, suffix):
    rng = np.random.default_rng(1)
    marks = {".tflite": b"\x1c\x00\x00\x00TFL3", ".onnx": b"\x08\x08", ".keras": b"PK\x03\x04"}
    for length in rng.integers(1, 4000, 100):
        noise = rng.integers(0, 256, length, np.uint8).tobytes()
        with pytest.raises(ModelFileError):
            read_model(write(marks[suffix] + noise, suffix))


def test_text_file_named_tflite_is_no_tflite_model(write):
    with pytest.raises(ModelFileError, match="TFL3"):
        read_model(write(b"hello, I am a text file", ".tflite"))


def test_folder_is_rejected(tmp_path):
    folder = tmp_path / "model.tflite"
    folder.mkdir()
    with pytest.raises(ModelFileError, match="folder"):
        read_model(folder)


def test_missing_model_is_reported_with_its_neighbours(write, tmp_path):
    write(b"x", ".onnx")
    with pytest.raises(ModelFileError, match="no such model file.*model.onnx"):
        read_model(tmp_path / "modell.onnx")


def test_missing_folder_is_reported(tmp_path):
    with pytest.raises(ModelFileError, match="no folder"):
        read_model(tmp_path / "nowhere" / "model.onnx")


def test_other_suffix_is_rejected_with_the_list_of_suffixes(tmp_path):
    with pytest.raises(ModelFileError, match=".tflite, .onnx, .keras"):
        read_model(tmp_path / "model.pth")


def test_model_in_a_folder_with_spaces_and_umlauts_is_read(tmp_path, make_card):
    path = tmp_path / "mein schönes Modell" / "gesicht ü.tflite"
    path.parent.mkdir()
    path.write_bytes(with_card(tiny_graph(".tflite"), make_card(), ".tflite"))
    link = tmp_path / "link.tflite"
    link.symlink_to(path)
    assert isinstance(read_model(path).card, ModelCard)
    assert read_model(link).sha256 == read_model(path).sha256


def test_reading_a_model_leaves_the_file_alone(write, make_card):
    data = with_card(tiny_graph(".keras"), make_card(), ".keras")
    path = write(data, ".keras")
    read_model(path)
    assert path.read_bytes() == data


def repacked(data, name, content):
    """A model archive in which one member is replaced or added, compressed."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        for member in old.infolist():
            if member.filename != name:
                new.writestr(member, old.read(member))
        new.writestr(name, content, zipfile.ZIP_DEFLATED)
    return out.getvalue()


@pytest.mark.parametrize(("name", "size"), [(MEMBER, 8 << 20), ("model.weights.h5", 260 << 20)])
def test_an_archive_that_grows_beyond_a_model_is_refused_before_it_is_unpacked(
    write, make_card, name, size
):
    """A few kilobytes that stand for megabytes of zeros."""
    whole = with_card(tiny_graph(".keras"), make_card(), ".keras")
    path = write(repacked(whole, name, bytes(size)), ".keras")
    assert path.stat().st_size < 400_000
    tracemalloc.start()
    with pytest.raises(ModelFileError, match="bytes unpacked"):
        read_model(path)
    assert tracemalloc.get_traced_memory()[1] < 2e6
    tracemalloc.stop()


def test_a_compressed_card_of_zeros_behind_a_graph_is_refused(write, make_card):
    tail = io.BytesIO(tiny_graph(".tflite"))
    with zipfile.ZipFile(tail, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(MEMBER, bytes(50 << 20))
    with pytest.raises(ModelFileError, match="bytes unpacked"):
        read_model(write(tail.getvalue(), ".tflite"))


def test_a_card_of_ten_megabytes_is_refused(write, make_card):
    for suffix in (".tflite", ".onnx"):
        card = make_card(training={"note": "x" * 10_000_000})
        with pytest.raises(ModelFileError):
            read_model(write(with_card(tiny_graph(suffix), card, suffix), suffix))


@every_kind
def test_a_sealed_card_with_numbers_that_are_none_is_refused(write, make_card, suffix):
    card = make_card(training={"loss": float("nan")})
    with pytest.raises(ModelFileError):
        read_model(write(with_card(tiny_graph(suffix), card, suffix), suffix))


@every_kind
def test_a_device_is_no_model(tmp_path, suffix):
    (tmp_path / f"model{suffix}").symlink_to("/dev/zero")
    with pytest.raises(ModelFileError, match="is a device"):
        read_model(tmp_path / f"model{suffix}")
