from __future__ import annotations

import keras
import numpy as np
import pytest
from keras import layers

from landmarks.errors import QuantizationError
from quantize.networks.fold import fold, kernel_axis
from tests.quantize.conftest import randomise
from train.models.asmnet import AsmnetConfig, build_asmnet
from train.models.asmpip import AsmpipConfig, build_asmpip
from train.models.pipnet import PipnetConfig, build_pipnet

NETWORKS = {
    "asmpip": lambda: build_asmpip(
        AsmpipConfig(size=64, k=1, pose=True, width=0.35, hidden=16, reduced=16)
    ),
    "asmnet": lambda: build_asmnet(AsmnetConfig(size=64)),
    "pipnet-r18": lambda: build_pipnet(PipnetConfig("r18", size=64, k=1, stride=16)),
    "pipnet-mnv3": lambda: build_pipnet(PipnetConfig("mnv3", size=64, k=1)),
}


@pytest.mark.parametrize("name", NETWORKS)
def test_the_folded_network_answers_as_before(name, rng):
    model = NETWORKS[name]()
    randomise(model)
    folded = fold(model)
    assert not [la for la in folded.layers if isinstance(la, layers.BatchNormalization)]
    images = rng.integers(0, 256, (2, 64, 64, 3), dtype=np.uint8)
    before, after = model(images, training=False), folded(images, training=False)
    for output, values in before.items():
        values = np.asarray(values)
        np.testing.assert_allclose(after[output], values, atol=2e-5 * np.abs(values).max())


def test_the_padding_of_strided_kernels_is_their_own_afterwards():
    model = NETWORKS["asmnet"]()
    assert [la for la in model.layers if isinstance(la, layers.ZeroPadding2D)]
    assert not [la for la in fold(model).layers if isinstance(la, layers.ZeroPadding2D)]


def test_each_kernel_has_a_bias(tiny):
    folded = fold(tiny.model)
    assert all(la.use_bias for la in folded.layers if kernel_axis(la) is not None)


def test_joins_are_as_narrow_as_xnnpack_takes_them(rng):
    inputs = [keras.Input((4,)) for _ in range(12)]
    model = keras.Model(inputs, {"y": layers.Concatenate(name="join")(inputs)})
    folded = fold(model)
    joins = [la for la in folded.layers if isinstance(la, layers.Concatenate)]
    assert max(len(join.input) for join in joins) == 5
    values = [rng.normal(size=(1, 4)).astype(np.float32) for _ in inputs]
    np.testing.assert_array_equal(folded(values)["y"], np.concatenate(values, axis=1))


@pytest.mark.parametrize("side", [31, 32])
def test_padding_that_same_would_not_do_stays(side, rng):
    image = keras.Input((side, side, 3))
    x = layers.ZeroPadding2D(1)(image)
    x = layers.Conv2D(4, 3, 2, use_bias=False)(x)
    model = keras.Model(image, {"y": layers.BatchNormalization()(x)})
    folded = fold(model)
    # same pads an odd side by one on both sides, an even one behind only
    kept = [la for la in folded.layers if isinstance(la, layers.ZeroPadding2D)]
    assert len(kept) == (side == 32)
    values = rng.normal(size=(1, side, side, 3)).astype(np.float32)
    np.testing.assert_allclose(folded(values)["y"], model(values)["y"], atol=1e-5)


def test_the_network_itself_stays_as_it_is(tiny):
    before = tiny.model.get_weights()
    fold(tiny.model)
    for old, new in zip(before, tiny.model.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)


def test_a_normalisation_without_a_kernel_of_its_own_is_refused():
    image = keras.Input((8, 8, 3))
    x = layers.Conv2D(4, 1, name="shared")(image)
    lone = keras.Model(image, {"y": layers.BatchNormalization(name="lone")(layers.ReLU()(x))})
    both = keras.Model(image, {"y": layers.Add()([layers.BatchNormalization(name="b")(x), x])})
    with pytest.raises(QuantizationError, match="'lone' follows 're_lu"):
        fold(lone)
    with pytest.raises(QuantizationError, match="'b' follows 'shared'"):
        fold(both)
