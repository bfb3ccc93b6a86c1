import keras
import numpy as np
import pytest

from landmarks.decode import OutputTensor
from landmarks.locate import decoder_of
from landmarks.shape import fit_shape_model
from train.methods.asm import alpha, asm_task, regression_head
from train.methods.method import LabelBatch


@pytest.fixture
def shapes(face68, rng):
    return (face68 * 0.8 + 0.1 + rng.normal(0, 0.02, (40, 68, 2))).astype(np.float32)


def batch(points, epoch=0):
    return LabelBatch(points, np.arange(len(points)), epoch)


def test_alpha_falls_over_the_thirds_of_a_run():
    epochs = (0, 49, 50, 99, 100, 149)
    assert [alpha(epoch, 150) for epoch in epochs] == [2, 2, 1, 1, 0.5, 0.5]


@pytest.mark.parametrize("outputs", ["published", "standardised"])
def test_targets_are_what_the_device_decodes(shapes, outputs):
    head = regression_head(shapes, outputs)
    task = asm_task(head, None, epochs=3)
    truth = task.targets(batch(shapes[:4]))[:, :136]
    for row, points in zip(truth, shapes, strict=False):
        face = decoder_of(head)({"points": OutputTensor(row)})
        np.testing.assert_allclose(face.points_unit, points, atol=1e-5)


def test_published_output_is_half_minus_point(shapes):
    """Left and top are positive: u = (112 - x) / 224 (released ``train.py``)."""
    task = asm_task(regression_head(shapes, "published"), None, epochs=3)
    truth = task.targets(batch(shapes[:1]))[0, :136].reshape(68, 2)
    np.testing.assert_allclose(truth, 0.5 - shapes[0], atol=1e-6)


@pytest.mark.parametrize("outputs", ["published", "standardised"])
def test_a_card_has_the_mean_face_whatever_the_outputs_mean(shapes, outputs):
    """Answers are judged by it."""
    head = regression_head(shapes, outputs)
    np.testing.assert_allclose(head.mean_face, shapes.mean(axis=0), atol=1e-6)


def test_standardised_outputs_have_deviation_one(shapes):
    task = asm_task(regression_head(shapes, "standardised"), None, epochs=3)
    truth = task.targets(batch(shapes))[:, :136]
    np.testing.assert_allclose(truth.mean(axis=0), 0, atol=1e-3)
    np.testing.assert_allclose(truth.std(axis=0), 1, atol=1e-3)


def loss_of(task, points, predicted, epoch=0):
    truth = task.targets(batch(points, epoch))
    assert truth.shape == (len(points), task.target_size)
    return float(keras.ops.convert_to_numpy(task.loss(truth, predicted)))


def test_loss_is_that_of_the_paper(shapes, rng):
    head, model = regression_head(shapes, "published"), fit_shape_model(shapes, 60)
    task = asm_task(head, model, epochs=3)
    predicted = rng.normal(0, 0.3, (5, 136)).astype(np.float32)
    truth, smooth = (
        (0.5 - points).reshape(5, 136)
        for points in (shapes[:5], np.stack([model.project(p) for p in shapes[:5]]))
    )
    for epoch, weight in enumerate((2.0, 1.0, 0.5)):
        expected = ((predicted - truth) ** 2).mean() + weight * ((predicted - smooth) ** 2).mean()
        assert loss_of(task, shapes[:5], predicted, epoch) == pytest.approx(expected, rel=1e-4)


def test_plain_loss_is_the_mean_square(shapes, rng):
    task = asm_task(regression_head(shapes, "published"), None, epochs=3)
    predicted = rng.normal(0, 0.3, (5, 136)).astype(np.float32)
    expected = ((predicted - (0.5 - shapes[:5]).reshape(5, 136)) ** 2).mean()
    assert loss_of(task, shapes[:5], predicted) == pytest.approx(expected, rel=1e-5)


def test_complete_shape_model_pulls_nowhere(shapes):
    """With every component and no clamp, A is G, and only the weight of the loss changes."""
    model = fit_shape_model(shapes, 100)
    head = regression_head(shapes, "published")
    near = (0.5 - model.project(shapes[:5])).reshape(5, 136)
    assert loss_of(asm_task(head, model, 3), shapes[:5], near) == pytest.approx(0, abs=1e-6)
