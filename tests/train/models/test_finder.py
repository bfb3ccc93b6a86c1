import keras
import numpy as np
import pytest

from train.models.cost import count_macs
from train.models.finder import build_finder
from train.settings.network import FinderSize


@pytest.fixture(scope="module")
def network():
    keras.utils.set_random_seed(1)
    return build_finder(160, FinderSize())


def test_it_is_small(network):
    assert network.count_params() == 277_414
    assert count_macs(network) == 41_312_000


def test_maps_have_a_cell_for_eight_pixels(network):
    shapes = {name: output.shape[1:] for name, output in network.output.items()}
    assert shapes == {
        "score": (20, 20, 1),
        "offset": (20, 20, 2),
        "side": (20, 20, 1),
        "roll": (20, 20, 2),
    }
    assert network.input.dtype == "uint8"


def test_an_untrained_network_sees_no_face(network):
    answer = network.predict_on_batch(np.zeros((1, 160, 160, 3), np.uint8))
    assert (np.asarray(answer["score"]) < -3).all()


def test_a_cell_knows_what_is_around_it(network):
    """The deep map carries what a border shows to cells that are seven strides away."""
    black = np.zeros((1, 160, 160, 3), np.uint8)
    lit = black.copy()
    lit[:, 144:] = 255
    before, after = (np.asarray(network.predict_on_batch(x)["side"]) for x in (black, lit))
    assert np.abs(after - before)[0, 10].max() > 0


def test_a_size_that_cannot_be_halved_is_refused():
    with pytest.raises(ValueError, match="multiple of 32"):
        build_finder(100, FinderSize())


def test_a_configuration_of_too_few_strides_is_refused():
    with pytest.raises(ValueError, match="of three strides"):
        build_finder(64, FinderSize(channels=(8, 8)))
