from __future__ import annotations

import keras
from keras import layers

from quantize.networks.fold import fold
from quantize.networks.steps import Step, scales_of, steps_of
from train.models.pipnet import PipnetConfig, build_pipnet


def test_a_kernel_and_its_relu_are_one_step():
    image = keras.Input((8, 8, 3), name="image")
    x = layers.ReLU(6.0, name="relu")(layers.Conv2D(4, 1, name="conv")(image))
    x = layers.Activation("relu", name="act")(layers.Add(name="sum")([x, x]))
    x = layers.Flatten(name="flat")(layers.MaxPooling2D(name="pool")(x))
    model = keras.Model(image, {"y": layers.Dense(2, name="dense")(x)})
    assert steps_of(model) == (Step("relu", "conv"), Step("act", None), Step("dense", "dense"))


def test_what_a_file_cannot_fuse_is_rounded_on_its_own():
    image = keras.Input((8, 8, 3), name="image")
    conv = layers.Conv2D(4, 1, name="conv")(image)
    capped = layers.ReLU(4.0, name="capped")(conv)
    swish = layers.Activation("hard_silu", name="swish")(layers.Conv2D(4, 1, name="c2")(capped))
    read_twice = layers.Conv2D(4, 1, name="c3")(swish)
    relu = layers.ReLU(6.0, name="relu")(read_twice)
    model = keras.Model(image, {"y": layers.Add(name="sum")([relu, read_twice])})
    assert steps_of(model) == (
        Step("conv", "conv"),
        Step("capped", None),
        Step("c2", "c2"),
        Step("swish", None),
        Step("c3", "c3"),
        Step("relu", None),
        Step("sum", None),
    )


def test_bare_operations_are_steps_too():
    """MobileNetV3's hard sigmoid is a sum, a ReLU and a product that are no layers."""
    folded = fold(build_pipnet(PipnetConfig("mnv3", size=64, k=1)))
    steps = steps_of(folded)
    bare = {op.name for op in folded.operations} - {layer.name for layer in folded.layers}
    rounded = {step.output for step in steps}
    # each sum ends with the ReLU after it, each product is rounded itself
    assert bare & rounded
    kernels = [la.name for la in folded.layers if isinstance(la, layers.Conv2D)]
    assert set(kernels) <= {step.kernel for step in steps}


def test_only_what_nothing_but_a_join_reads_has_its_scale():
    image = keras.Input((8, 8, 3), name="image")
    alone = layers.Flatten(name="flat")(layers.Conv2D(4, 1, name="alone")(image))
    twice = layers.GlobalAveragePooling2D(name="twice")(layers.Conv2D(4, 1, name="conv")(image))
    inner = layers.Concatenate(name="inner")([alone, twice])
    shown = layers.Dense(2, name="shown")(twice)
    model = keras.Model(
        image, {"y": layers.Concatenate(name="outer")([inner, shown]), "shown": shown}
    )
    assert scales_of(model, steps_of(model)) == {
        "alone": "outer",
        "conv": "conv",
        "twice": "twice",
        "inner": "outer",
        "shown": "shown",
        "outer": "outer",
    }


def test_a_join_that_stays_float_lends_no_scale():
    image = keras.Input((8, 8, 3), name="image")
    parts = [layers.Conv2D(4, 1, name=f"conv_{i}")(image) for i in range(2)]
    model = keras.Model(image, {"y": layers.Concatenate(name="y")(parts)})
    steps = [step for step in steps_of(model) if step.output != "y"]
    assert scales_of(model, steps) == {"conv_0": "conv_0", "conv_1": "conv_1"}
