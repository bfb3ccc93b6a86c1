from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import pytest
from keras import layers

from landmarks.boxes import face_box
from landmarks.card import ModelCard, RegressionHead, as_points
from landmarks.crop import crop_transform
from landmarks.errors import DatasetError, QuantizationError
from landmarks.faces import read_labelled_faces
from quantize.audit import audit
from quantize.audit_report import audit_table
from quantize.calibrate import CalibrationSet, observe
from quantize.networks.fold import fold
from quantize.networks.simulate import simulate_int8
from quantize.networks.steps import steps_of
from quantize.ranges import estimate
from train.models.backbones import pixels

FACES = read_labelled_faces(Path(__file__).resolve().parents[2] / "calib_data" / "faces")[:12]
SIZE, CROP_SCALE = 32, 1.25
PLANTED = "second_relu"
TALL_CHANNEL = 8.0


@pytest.fixture(scope="module")
def network():
    """A network that answers with about the mean face, its card, ranges and crops."""
    transforms = [
        crop_transform(face_box(face.points_frame), size=SIZE, scale=CROP_SCALE) for face in FACES
    ]
    crops = np.stack([t.cut(f.picture.read()) for t, f in zip(transforms, FACES, strict=True)])
    points = [t.to_unit(f.points_frame) for t, f in zip(transforms, FACES, strict=True)]

    keras.utils.set_random_seed(5)
    image, scaled = pixels(SIZE)
    x = layers.Conv2D(8, 3, strides=2, padding="same", name="first")(scaled)
    x = layers.ReLU(6.0, name="first_relu")(x)
    x = layers.DepthwiseConv2D(3, padding="same", name="second")(x)
    x = layers.ReLU(6.0, name=PLANTED)(x)
    x = layers.ReLU(6.0, name="sum_relu")(layers.Add(name="sum")([x, x]))
    pooled = layers.GlobalAveragePooling2D(name="pool")(x)
    model = keras.Model(image, {"points": layers.Dense(136, name="points")(pooled)})
    rng = np.random.default_rng(5)
    kernel = rng.uniform(0.1, 0.9, (3, 3, 8, 1))
    kernel[1, 1] = 1.0
    kernel[:, :, 0] *= TALL_CHANNEL
    model.get_layer("second").set_weights([kernel, np.full(8, 0.5)])
    dense = rng.normal(0, 0.5, (8, 136))
    features = keras.Model(image, pooled).predict_on_batch(crops)
    model.get_layer("points").set_weights([dense, -features.mean(axis=0) @ dense])

    folded = fold(model)
    seen = observe(folded, steps_of(folded), CalibrationSet(crops, len(crops), "", Path("faces")))
    ranges = {name: estimate(histogram, "minmax") for name, histogram in seen.items()}
    card = ModelCard(
        name="mean-face",
        architecture="none",
        precision="float32",
        scheme="300w-68",
        input_size=SIZE,
        crop_scale=CROP_SCALE,
        head=RegressionHead(as_points(np.mean(points, axis=0)), as_points(np.full((68, 2), 0.1))),
        outputs=("points",),
        training={"dataset": "none"},
    )
    return folded, card, ranges, crops


@pytest.fixture(scope="module")
def good(network):
    folded, card, ranges, crops = network
    return audit(folded, ranges, steps_of(folded), card, crops, FACES)


@pytest.fixture(scope="module")
def planted(network):
    """The audit with a range that cuts off nearly all that one step gives."""
    folded, card, ranges, crops = network
    return audit(folded, ranges | {PLANTED: (0.0, 0.05)}, steps_of(folded), card, crops, FACES)


def test_rows_are_the_steps_from_input_to_output(network, good):
    names = [row.step for row in good.steps]
    assert names == ["scale_pixels", "first_relu", PLANTED, "sum_relu", "pool", "points"]
    assert [row.kind for row in good.steps[1:4]] == ["Conv2D", "DepthwiseConv2D", "Add"]
    assert good.faces == len(FACES)


def test_a_step_with_much_too_narrow_a_range_is_worst_by_both_measures(planted):
    assert planted.worst_by_sqnr.step == PLANTED
    assert planted.worst_by_nme.step == PLANTED
    assert planted.worst_by_nme.nme_cost_points > 5
    assert planted.worst_by_nme.nme_cost_points > 4 * planted.worst_by_nme.nme_cost_error
    assert planted.nme_cost_points > 5


def test_well_rounded_steps_cost_about_nothing(good, planted):
    for row in [*good.steps, *(row for row in planted.steps if row.step != PLANTED)]:
        assert abs(row.nme_cost_points) < 0.5, row
        assert row.harm_db > 20, row
    assert abs(good.nme_cost_points) < 0.5


def test_the_pixels_are_integers_already(good):
    pixels_row = good.steps[0]
    assert pixels_row.sqnr_db == pixels_row.harm_db == math.inf
    assert pixels_row.nme_cost_points == 0
    assert pixels_row.scale == 1 / 128


def test_noise_behind_a_bad_step_is_seen_where_it_passes(good, planted):
    lost = [a.sqnr_db - b.sqnr_db for a, b in zip(good.steps[1:], planted.steps[1:], strict=True)]
    assert lost[0] == pytest.approx(0, abs=1e-6)  # before it
    assert min(lost[1:]) > 10


def test_each_step_is_measured_as_the_network_with_that_rounding_alone(network, good):
    folded, _, ranges, crops = network
    expected = folded.predict_on_batch(crops)["points"]
    for step, row in zip(steps_of(folded)[1:], good.steps[1:], strict=True):
        alone = simulate_int8(folded, ranges, [step])(crops, training=False)["points"]
        assert row.output_sqnr_db["points"] == pytest.approx(_db(expected, alone), abs=0.1)
    whole = simulate_int8(folded, ranges, steps_of(folded))(crops, training=False)["points"]
    assert good.steps[-1].sqnr_db == pytest.approx(_db(expected, whole), abs=0.1)


def test_unequal_channels_of_a_kernel_are_named(good):
    assert good.steps[2].channel_ratio == pytest.approx(TALL_CHANNEL, rel=1e-5)
    assert good.steps[3].channel_ratio is None


def test_the_table_marks_the_worst_step_alone(planted):
    (marked,) = [line for line in audit_table(planted).splitlines() if "<-" in line]
    assert marked.startswith(PLANTED)
    assert marked.endswith("worst SQNR and NME")


def test_an_audit_is_plain_json(planted):
    plain = json.loads(json.dumps(planted.to_dict(), allow_nan=False))
    assert plain["steps"][0]["sqnr_db"] is None  # infinite
    assert plain["steps"][2]["step"] == PLANTED
    assert plain["steps"][2]["nme_cost_points"] == planted.steps[2].nme_cost_points


def test_a_step_without_range_is_refused(network):
    folded, card, ranges, crops = network
    others = {name: ends for name, ends in ranges.items() if name != PLANTED}
    with pytest.raises(QuantizationError, match=PLANTED):
        audit(folded, others, steps_of(folded), card, crops, FACES)


def test_faces_that_cannot_be_compared_are_refused(network):
    folded, card, ranges, crops = network
    five = replace(FACES[0], points_frame=FACES[0].points_frame[:5])
    with pytest.raises(DatasetError, match="5 points"):
        audit(folded, ranges, steps_of(folded), card, crops, [five])
    with pytest.raises(QuantizationError, match="no faces"):
        audit(folded, ranges, steps_of(folded), card, crops, [])


def _db(expected, received):
    noise = np.square(np.asarray(received, np.float64) - expected).sum()
    return 10 * np.log10(np.square(expected, dtype=np.float64).sum() / noise)
