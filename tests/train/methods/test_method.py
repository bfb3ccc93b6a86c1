import keras
import numpy as np
import pytest
from keras import layers, ops

from landmarks.card import RegressionHead
from train.methods.method import LabelBatch, Method, Task


def task(outputs, width, weight=1.0):
    return Task(
        outputs=outputs,
        target_size=width,
        targets=lambda labels: np.full((len(labels.faces), width), labels.epoch, np.float32),
        loss=lambda y_true, y_pred: ops.mean(y_pred) + ops.mean(y_true),
        weight=weight,
    )


@pytest.fixture
def method():
    x = keras.Input((4,), name="image")
    outputs = {
        "map": layers.Reshape((2, 2, 1))(layers.Dense(4, name="map")(x)),
        "vector": layers.Dense(3, name="vector")(x),
    }
    network = keras.Model(x, outputs)
    head = RegressionHead(mean_face=((0.0, 0.0),), scale=((1.0, 1.0),))
    return Method(network, (task(("map",), 2), task(("vector",), 5, weight=0.5)), head)


def test_joined_network_gives_all_outputs_in_a_row(method, rng):
    x = rng.normal(size=(6, 4)).astype(np.float32)
    joined = ops.convert_to_numpy(method.joined(method.network)(x))
    parts = {name: ops.convert_to_numpy(v) for name, v in method.network(x).items()}
    expected = np.concatenate([parts["map"].reshape(6, -1), parts["vector"]], axis=1)
    np.testing.assert_allclose(joined, expected, atol=1e-6)


def test_each_task_sees_its_own_part(method):
    truth = method.targets(LabelBatch(np.zeros((6, 1, 2), np.float32), np.arange(6), epoch=3))
    assert truth.shape == (6, 7)
    predicted = np.concatenate([np.full((6, 4), 10.0), np.full((6, 3), 20.0)], axis=1)
    loss = method.loss()(truth, predicted.astype(np.float32))
    assert float(ops.convert_to_numpy(loss)) == pytest.approx((10 + 3) + 0.5 * (20 + 3))


def test_two_tasks_may_read_one_output(method, rng):
    both = Method(method.network, (task(("map",), 2), task(("map", "vector"), 5)), method.head)
    x = rng.normal(size=(2, 4)).astype(np.float32)
    joined = ops.convert_to_numpy(both.joined(both.network)(x))
    assert joined.shape == (2, 4 + 4 + 3)
    np.testing.assert_array_equal(joined[:, :4], joined[:, 4:8])


def test_outputs_keep_the_order_of_the_network(method):
    assert method.outputs == ("map", "vector")
