from __future__ import annotations

import keras
import numpy as np
import pytest

from landmarks.errors import TrainingError
from train.training_loop.loop import VALIDATION, LoopConfig
from train.training_loop.run import Run, Trained, steps_of, train_run


def network():
    image = keras.Input((2,))
    return keras.Model(image, keras.layers.Dense(1, kernel_initializer="zeros")(image))


def trained(seen):
    copy, plain = network(), network()
    copy.compile(optimizer=keras.optimizers.SGD(0.1), loss="mse")

    def batches(epoch):
        for _ in range(3):
            yield np.ones((4, 2), np.float32), np.ones((4, 1), np.float32)

    def validate():
        seen.append([np.array(w) for w in plain.get_weights()])
        return 7.0

    return Trained(copy, copy, plain, batches, validate)


def test_the_plain_network_has_the_weights_when_it_is_validated_and_at_the_end(tmp_path):
    seen = []
    what = trained(seen)
    run = Run(tmp_path, LoopConfig(2, 3, validate_every=1), {"seed": 1})
    progress = train_run(run, what)
    assert [row[VALIDATION] for row in progress.history] == [7.0, 7.0]
    assert seen[0][0].any() and (seen[1][0] > seen[0][0]).all()
    for one, other in zip(what.plain.get_weights(), what.network.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)
    assert "seed = 1" in (tmp_path / "config.toml").read_text()


def test_a_new_run_deletes_the_old_one_and_a_resumed_one_goes_on(tmp_path):
    train_run(Run(tmp_path, LoopConfig(1, 3), {}), trained([]))
    resumed = train_run(Run(tmp_path, LoopConfig(2, 3), {}, resume=True), trained([]))
    assert [row["epoch"] for row in resumed.history] == [1, 2]
    anew = train_run(Run(tmp_path, LoopConfig(1, 3), {}), trained([]))
    assert anew.history[0]["loss"] == resumed.history[0]["loss"]


def test_too_few_examples_for_a_batch_are_refused():
    assert steps_of(33, 16) == 2
    with pytest.raises(TrainingError, match="15 training frames do not fill a batch of 16"):
        steps_of(15, 16, "frames")
