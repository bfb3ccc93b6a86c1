import keras
import numpy as np
import pytest

from landmarks.errors import TrainingError
from train.models.asmpip import AsmpipConfig, build_asmpip


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


def test_own_trunk_reads_rows_of_four_pixels_and_gives_the_same_outputs(network):
    own = build_asmpip(AsmpipConfig(trunk="rows"))
    assert own.get_layer("rows").output.shape == (None, 128, 32, 12)
    assert own.get_layer("stem").output.shape == (None, 32, 32, 32)
    shapes = {name: out.shape for name, out in own.output.items()}
    assert shapes == {name: out.shape for name, out in network.output.items()}
    assert own.count_params() == 1_183_716


def test_own_trunk_has_no_weights_of_others():
    with pytest.raises(TrainingError, match="no 'imagenet' weights of the trunk 'rows'"):
        build_asmpip(AsmpipConfig(trunk="rows", weights="imagenet"))


def test_size_that_cannot_be_halved_evenly_is_refused():
    with pytest.raises(ValueError, match="multiple of 32, got 100"):
        build_asmpip(AsmpipConfig(size=100))


def test_pose_is_one_more_output():
    network = build_asmpip(AsmpipConfig(size=64, pose=True, width=0.35, hidden=32, reduced=16))
    assert list(network.output) == ["score", "offsets", "neighbours", "pose"]
    assert network.output["pose"].shape == (None, 3)
