import sys
from types import ModuleType

import keras
import numpy as np
import pytest

from landmarks.errors import TrainingError
from train.models.resnet import resnet18_features
from train.models.resnet18_imagenet import (
    DEVIATION,
    MEAN,
    load_imagenet_weights,
    take_keras_hub_weights,
)

SIDE = 32
BORDER = 4  # pixels whose windows reach the padding, which is grey here and the mean there
# Layers of keras-hub 0.32's ResNetBackbone beside ours: ends, a block with and one without shortcut
NAMES = {
    "conv1_conv": "stem_conv",
    "conv1_bn": "stem_BN",
    "stack0_block0_1_conv": "stage1_block0_1_conv",
    "stack0_block1_2_bn": "stage1_block1_2_BN",
    "stack3_block0_0_conv": "stage4_block0_shortcut_conv",
    "stack3_block0_0_bn": "stage4_block0_shortcut_BN",
}


@pytest.fixture(scope="module")
def ours():
    pixels = keras.Input((SIDE, SIDE, 3))
    return keras.Model(pixels, resnet18_features(pixels))


@pytest.fixture(scope="module")
def theirs(ours):
    """A network of the same layers under keras-hub's names, with weights of its own."""
    rng = np.random.default_rng(3)

    def renamed(layer):
        name = layer.name.replace("_BN", "_bn").replace("shortcut", "0").replace("stem", "conv1")
        for stage in range(1, 5):
            name = name.replace(f"stage{stage}", f"stack{stage - 1}")
        return layer.__class__.from_config({**layer.get_config(), "name": name})

    model = keras.models.clone_model(ours, clone_function=renamed)
    model.set_weights([rng.uniform(0.5, 1.5, w.shape) for w in model.get_weights()])
    return model


def test_every_layer_gets_the_weights_of_its_counterpart(ours, theirs):
    take_keras_hub_weights(ours, theirs)
    for there, here in NAMES.items():
        if not here.startswith("stem"):  # the scaling is folded into that
            expected = theirs.get_layer(there).get_weights()
            for one, other in zip(ours.get_layer(here).get_weights(), expected, strict=True):
                np.testing.assert_array_equal(one, other)


def test_our_pixels_give_what_normalised_ones_give_there(ours, theirs, rng):
    take_keras_hub_weights(ours, theirs)
    image = rng.integers(0, 256, (1, SIDE, SIDE, 3)).astype(np.float32)
    expected = stem(theirs, "conv1_bn", (image / 255 - MEAN) / DEVIATION)
    found = stem(ours, "stem_BN", image / 128 - 1)
    inner = (slice(None), slice(BORDER, -BORDER), slice(BORDER, -BORDER))
    np.testing.assert_allclose(found[inner], expected[inner], rtol=1e-3, atol=1e-2)


def stem(model, layer, image):
    part = keras.Model(model.input, model.get_layer(layer).output)
    return keras.ops.convert_to_numpy(part(image))


def test_weights_that_cannot_be_downloaded_are_one_line(ours, monkeypatch):
    class ResNetBackbone:
        @staticmethod
        def from_preset(name):
            raise ConnectionError(f"no way to {name}\nand more")

    module = ModuleType("keras_hub.models")
    module.ResNetBackbone = ResNetBackbone
    monkeypatch.setitem(sys.modules, "keras_hub", ModuleType("keras_hub"))
    monkeypatch.setitem(sys.modules, "keras_hub.models", module)
    with pytest.raises(TrainingError, match="no way to resnet_18_imagenet.*connect") as caught:
        load_imagenet_weights(ours)
    assert "\n" not in str(caught.value)
