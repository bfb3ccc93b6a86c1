import keras
import numpy as np
import pytest

from landmarks.errors import TrainingError
from train.models.asmpip import AsmpipConfig, build_asmpip
from train.models.initial_weights import take_weights


@pytest.fixture(scope="module")
def network():
    keras.utils.set_random_seed(1)
    return build_asmpip(AsmpipConfig())


def test_parameters_are_counted(network):
    assert network.count_params() == 974_508


def test_input_is_an_rgb_picture_of_bytes(network):
    assert network.input.shape == (None, 128, 128, 3)
    assert network.input.dtype == "uint8"


def test_outputs_are_the_maps_that_the_decoder_reads(network):
    shapes = {name: output.shape[1:] for name, output in network.output.items()}
    assert shapes == {
        "score": (8, 8, 68),
        "offsets": (8, 8, 2 * 68),
        "neighbours": (8, 8, 2 * 68 * 10),
    }


def test_maps_start_near_zero(network):
    noise = np.random.default_rng(1).integers(0, 256, (1, 128, 128, 3), np.uint8)
    for values in network(noise, training=False).values():
        values = keras.ops.convert_to_numpy(values)
        assert np.isfinite(values).all()
        assert np.abs(values).max() < 0.1


def test_all_layers_are_stock_keras(network):
    assert {type(layer).__module__.split(".")[0] for layer in network.layers} == {"keras"}


@pytest.mark.parametrize(("size", "points", "k"), [(64, 19, 4), (160, 98, 10)])
def test_size_points_and_neighbours_follow_the_configuration(size, points, k):
    config = AsmpipConfig(n_points=points, size=size, k=k, width=0.35, hidden=32, reduced=16)
    grid = size // 16
    assert config.grid == grid
    shapes = {name: tuple(out.shape[1:]) for name, out in build_asmpip(config).output.items()}
    assert shapes["score"] == (grid, grid, points)
    assert shapes["neighbours"] == (grid, grid, 2 * points * k)


def test_trunk_of_rows_reads_four_pixels_together_and_gives_the_same_outputs(network):
    rows = build_asmpip(AsmpipConfig(trunk="rows"))
    assert rows.get_layer("rows").output.shape == (None, 128, 32, 12)
    assert rows.get_layer("stem").output.shape == (None, 32, 32, 32)
    shapes = {name: out.shape for name, out in rows.output.items()}
    assert shapes == {name: out.shape for name, out in network.output.items()}


@pytest.mark.parametrize("width", [0.35, 0.5, 1.0])
def test_trunk_of_rows_differs_from_mobilenetv2_up_to_block_1_only(width):
    published = build_asmpip(AsmpipConfig(size=64, width=width))
    rows = build_asmpip(AsmpipConfig(size=64, width=width, trunk="rows"))
    alone = take_weights(rows, published)
    assert alone == ("stem", "stem_BN", "block_1_project")
    for name in ("block_2_expand", "block_6_depthwise", "block_12_project_BN", "score"):
        for ours, theirs in zip(
            rows.get_layer(name).get_weights(), published.get_layer(name).get_weights(), strict=True
        ):
            np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize(("width", "end", "tapped"), [(1.0, 128, 304), (0.875, 112, 272)])
def test_trunk_rows8_has_no_block_before_an_eighth_of_the_side(width, end, tapped):
    network = build_asmpip(AsmpipConfig(trunk="rows8", width=width, hidden=64, reduced=32))
    first, head = network.get_layer("block_2_depthwise"), network.get_layer("neck_expand")
    assert first.strides == (2, 2)
    assert first.output.shape[1:3] == (16, 16)
    assert head.input.shape == (None, 8, 8, end)
    assert network.get_layer("taps").output.shape[-1] == tapped


def test_trunk_rows8_says_that_there_are_no_imagenet_weights_of_it():
    with pytest.raises(TrainingError, match="no imagenet weights of the trunk rows8"):
        build_asmpip(AsmpipConfig(trunk="rows8", weights="imagenet"))


def test_size_that_cannot_be_halved_evenly_is_refused():
    with pytest.raises(ValueError, match="multiple of 16, got 100"):
        build_asmpip(AsmpipConfig(size=100))


def test_pose_is_one_more_output():
    network = build_asmpip(AsmpipConfig(size=64, pose=True, width=0.35, hidden=32, reduced=16))
    assert list(network.output) == ["score", "offsets", "neighbours", "pose"]
    assert network.output["pose"].shape == (None, 3)
