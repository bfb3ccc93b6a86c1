import os
import shutil
from contextlib import contextmanager
from pathlib import Path

import keras
import numpy as np
import pytest

from landmarks.errors import TrainingError
from train.training_loop.checkpoint import (
    BEST,
    LAST,
    PREVIOUS,
    Progress,
    load_best,
    load_checkpoint,
    save_best,
    save_checkpoint,
)


def make_model(units=3):
    x = keras.Input((4,))
    model = keras.Model(x, keras.layers.Dense(units)(x))
    optimizer = keras.optimizers.AdamW(0.05, use_ema=True, ema_momentum=0.9)
    model.compile(optimizer, loss="mse")
    return model


def step(model, times=1):
    rng = np.random.default_rng(3)
    x = rng.normal(size=(8, 4)).astype(np.float32)
    y = rng.normal(size=(8, model.output.shape[-1])).astype(np.float32)
    for _ in range(times):
        model.train_on_batch(x, y)


def state(model):
    variables = [*model.variables, *model.optimizer.variables]
    return [np.array(keras.ops.convert_to_numpy(variable)) for variable in variables]


def assert_same(one, other):
    assert len(one) == len(other)
    for a, b in zip(one, other, strict=True):
        np.testing.assert_array_equal(a, b)


def history(epochs):
    return Progress(epochs, tuple({"epoch": i + 1, "loss": 1.0 / (i + 1)} for i in range(epochs)))


@pytest.fixture(scope="module")
def once(tmp_path_factory):
    """A folder with two checkpoints, and the states that they hold."""
    folder = tmp_path_factory.mktemp("run")
    model = make_model()
    step(model, 2)
    save_checkpoint(folder, model, history(1))
    first = state(model)
    step(model, 2)
    save_checkpoint(folder, model, history(2))
    return folder, first, state(model)


@pytest.fixture
def saved(once, tmp_path):
    """A copy of it for a test to spoil."""
    folder, first, last = once
    return shutil.copytree(folder, tmp_path / "checkpoint"), first, last


def test_network_optimizer_and_history_come_back(saved):
    folder, _, last = saved
    model = make_model()
    assert load_checkpoint(folder, model) == history(2)
    assert_same(state(model), last)


def test_moving_average_of_the_weights_is_part_of_it(saved):
    folder, _, last = saved
    assert len(last) > 2 + 2 * 2 + 2  # weights, two moments each, averages, counters
    model = make_model()
    load_checkpoint(folder, model)
    model.optimizer.finalize_variable_values(model.trainable_variables)
    assert not np.array_equal(state(model)[0], last[0])


def test_training_goes_on_as_if_it_had_not_stopped(saved):
    folder, _, _ = saved
    resumed, unbroken = make_model(), make_model()
    load_checkpoint(folder, resumed)
    load_checkpoint(folder, unbroken)
    step(resumed)
    save_checkpoint(folder, resumed, history(3))
    again = make_model()
    load_checkpoint(folder, again)
    step(again)
    step(unbroken, 2)
    assert_same(state(again), state(unbroken))


def test_no_checkpoint_means_a_fresh_start(tmp_path):
    model = make_model()
    step(model)
    before = state(model)
    assert load_checkpoint(tmp_path / "nowhere", model) == Progress()
    assert_same(state(model), before)


@pytest.mark.parametrize("kept", [0.0, 0.01, 0.5, 0.98])
def test_half_written_checkpoint_falls_back_to_the_previous_one(saved, kept):
    folder, first, _ = saved
    data = (folder / LAST).read_bytes()
    (folder / LAST).write_bytes(data[: int(kept * len(data))])
    model = make_model()
    assert load_checkpoint(folder, model) == history(1)
    assert_same(state(model), first)


def test_damaged_checkpoint_falls_back_or_is_unharmed(saved):
    folder, first, last = saved
    data = (folder / LAST).read_bytes()
    model = make_model()
    for flip in np.random.default_rng(2).integers(0, len(data) * 8, 150).tolist():
        damaged = bytearray(data)
        damaged[flip // 8] ^= 1 << flip % 8
        (folder / LAST).write_bytes(bytes(damaged))
        progress = load_checkpoint(folder, model)
        assert_same(state(model), last if progress == history(2) else first)


def test_kill_between_the_two_renames_loses_one_epoch_at_most(saved):
    folder, first, _ = saved
    (folder / LAST).unlink()
    model = make_model()
    assert load_checkpoint(folder, model) == history(1)
    assert_same(state(model), first)


class Killed(BaseException):
    """Nothing in the code catches it."""


@contextmanager
def kill_at(call, monkeypatch):
    """Stop before the ``call``-th change of the file system, and clean nothing up after that."""
    count = 0

    def counted(function):
        def run(*args, **kwargs):
            nonlocal count
            count += 1
            if count > call:
                raise Killed
            return function(*args, **kwargs)

        return run

    with monkeypatch.context() as patch:
        for owner, name in ((os, "replace"), (os, "fsync"), (os, "chmod")):
            patch.setattr(owner, name, counted(getattr(owner, name)))
        for name in ("write_bytes", "unlink"):
            patch.setattr(Path, name, counted(getattr(Path, name)))
        yield


@pytest.mark.parametrize("call", range(9))
def test_kill_between_any_two_system_calls_leaves_a_checkpoint_to_go_on_from(
    saved, monkeypatch, call
):
    folder, _, last = saved
    model = make_model()
    load_checkpoint(folder, model)
    step(model)
    try:
        with kill_at(call, monkeypatch):
            save_checkpoint(folder, model, history(3))
        killed = False
    except Killed:
        killed = True
    assert killed == (call < 8), "the test must reach the end of a save"
    other = make_model()
    progress = load_checkpoint(folder, other)
    assert progress in (history(2), history(3))
    assert_same(state(other), last if progress == history(2) else state(model))
    save_checkpoint(folder, other, progress)  # and the next one is as good as ever
    assert load_checkpoint(folder, make_model()) == progress


def test_full_disk_keeps_the_checkpoints_and_names_the_file(saved, file_size_limit):
    folder, _, last = saved
    model = make_model()
    step(model)
    with file_size_limit(500), pytest.raises(OSError, match="File too large.*next.npz"):
        save_checkpoint(folder, model, history(3))
    assert sorted(path.name for path in folder.iterdir()) == [LAST, PREVIOUS]
    other = make_model()
    assert load_checkpoint(folder, other) == history(2)
    assert_same(state(other), last)


def test_best_weights_survive_a_full_disk(tmp_path, file_size_limit):
    model = make_model()
    save_best(tmp_path, model)
    kept = model.get_weights()
    step(model)
    with file_size_limit(100), pytest.raises(OSError, match="best.npz"):
        save_best(tmp_path, model)
    assert [path.name for path in tmp_path.iterdir()] == [BEST]
    load_best(tmp_path, model)
    assert_same(model.get_weights(), kept)


def test_scaled_loss_and_the_optimizer_inside_come_back(tmp_path):
    def scaled():
        model = make_model()
        model.compile(keras.optimizers.LossScaleOptimizer(model.optimizer), loss="mse")
        return model

    model = scaled()
    step(model, 2)
    save_checkpoint(tmp_path, model, history(1))
    other = scaled()
    load_checkpoint(tmp_path, other)
    assert len(state(other)) > len(state(make_model()))
    assert_same(state(other), state(model))
    step(model)
    step(other)
    assert_same(state(other), state(model))


def test_checkpoint_of_another_network_is_refused_and_changes_nothing(saved):
    folder, _, _ = saved
    model = make_model(units=5)
    before = state(model)
    with pytest.raises(TrainingError, match="no checkpoint fits"):
        load_checkpoint(folder, model)
    assert_same(state(model)[:2], before[:2])


def test_two_newest_checkpoints_are_kept(saved):
    folder, _, _ = saved
    assert sorted(path.name for path in folder.iterdir()) == [LAST, PREVIOUS]


DAMAGED_PROGRESS = ["", "3", "null", "[]", "{}", '{"epoch": "2", "history": []}', "[" * 9999]
DAMAGED_PROGRESS += ['{"epoch": -1, "history": []}', '{"epoch": 1, "history": 3}']
DAMAGED_PROGRESS += ['{"epoch": 1, "history": [3]}', '{"epoch": 1, "history": [{"loss": []}]}']


@pytest.mark.parametrize("text", DAMAGED_PROGRESS, ids=range(len(DAMAGED_PROGRESS)))
def test_a_checkpoint_whose_progress_is_damaged_gives_way_to_the_one_before(saved, text):
    folder, _, _ = saved
    with np.load(folder / LAST) as stored:
        arrays = dict(stored)
    np.savez(folder / LAST, **{**arrays, "progress": np.array(text)})
    assert load_checkpoint(folder, make_model()) == history(1)


@pytest.mark.parametrize("content", [b"", b"PK\3\4", bytes(100)])
def test_damaged_best_weights_are_one_line(tmp_path, content):
    (tmp_path / BEST).write_bytes(content)
    with pytest.raises(TrainingError, match="best.npz: the best weights cannot be read"):
        load_best(tmp_path, make_model())
