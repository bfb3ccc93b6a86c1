import keras
import numpy as np
import pytest

from train.models.asmnet import AsmnetConfig, build_asmnet, build_asmnet_mnv2
from train.models.cost import count_macs


@pytest.fixture(scope="module")
def network():
    return build_asmnet(AsmnetConfig())


def test_parameters_and_cost_are_those_published(network):
    """1.43 M parameters; 0.51 G "FLOPs", which are twice the multiply-accumulates."""
    assert network.count_params() == 1_439_507
    assert 2 * count_macs(network) == pytest.approx(0.513e9, rel=1e-3)


@pytest.mark.parametrize(
    ("build", "config", "parameters"),
    [
        (build_asmnet, AsmnetConfig(pose=False), 1_437_896),
        (build_asmnet, AsmnetConfig(n_points=98), 1_471_727),
        (build_asmnet_mnv2, AsmnetConfig(), 2_436_043),
        (build_asmnet_mnv2, AsmnetConfig(n_points=98), 2_512_903),
    ],
)
def test_parameters_of_variants(build, config, parameters):
    assert build(config).count_params() == parameters


def test_six_taps_are_joined_to_536_features(network):
    assert [t.shape[-1] for t in network.get_layer("taps").input] == [24, 32, 64, 96, 160, 160]
    assert network.get_layer("taps").output.shape == (None, 536)


def test_outputs_are_landmarks_then_pose(network):
    assert list(network.output) == ["points", "pose"]
    assert [tensor.shape for tensor in network.output.values()] == [(None, 136), (None, 3)]


def test_block_16_and_the_last_convolution_are_cut_away(network):
    names = {layer.name for layer in network.layers}
    assert "block_15_add" in names
    assert not names & {"block_16_project", "Conv_1"}


def test_input_of_any_size_gives_the_same_parameters():
    assert build_asmnet(AsmnetConfig(size=96)).count_params() == 1_439_507


def test_outputs_are_linear(network):
    for name in ("points", "pose"):
        assert network.get_layer(name).activation is keras.activations.linear
    noise = np.random.default_rng(0).integers(0, 256, (1, 224, 224, 3), np.uint8)
    assert np.isfinite(keras.ops.convert_to_numpy(network(noise)["points"])).all()
