import threading
import time

import numpy as np
import pytest

from train.training_loop.batches import epoch_batches, made_ahead


def example(index, rng):
    return np.full((4, 4, 3), index % 251, np.uint8), rng.uniform(0, 1, (68, 2)).astype(np.float32)


def batches(count=20, batch=4, seed=1, epoch=0, make=example, **how):
    return made_ahead(
        epoch_batches(make, np.arange(count), batch=batch, seed=seed, epoch=epoch, **how)
    )


def workers():
    return [thread for thread in threading.enumerate() if thread.name.startswith("augment")]


def wait_for_no_workers():
    deadline = time.monotonic() + 20
    while workers() and time.monotonic() < deadline:
        time.sleep(0.01)
    return not workers()


def test_batches_have_the_documented_shapes():
    for images, points, faces in batches():
        assert (images.shape, images.dtype) == ((4, 4, 4, 3), np.uint8)
        assert (points.shape, points.dtype) == ((4, 68, 2), np.float32)
        assert faces.tolist() == images[:, 0, 0, 0].tolist()


def test_every_face_comes_once():
    seen = np.concatenate([images[:, 0, 0, 0] for images, *_ in batches()])
    assert sorted(seen) == list(range(20))


def test_rest_that_fills_no_batch_is_left_out():
    assert len(list(batches(count=11))) == 2
    assert list(batches(count=3)) == []


def test_only_the_given_indices_are_used():
    chosen = np.array([3, 5, 9, 11])
    (images, _, faces), *rest = epoch_batches(example, chosen, batch=4, seed=0, epoch=0)
    assert sorted(images[:, 0, 0, 0]) == chosen.tolist()
    assert faces.tolist() == images[:, 0, 0, 0].tolist()
    assert rest == []


def test_same_seed_and_epoch_give_the_same_batches():
    for (images, points, _), (again, points_again, _) in zip(batches(), batches(), strict=True):
        np.testing.assert_array_equal(images, again)
        np.testing.assert_array_equal(points, points_again)


@pytest.mark.parametrize("other", [{"seed": 2}, {"epoch": 1}])
def test_other_seed_or_epoch_gives_another_order(other):
    one = np.concatenate([images[:, 0, 0, 0] for images, *_ in batches()])
    two = np.concatenate([images[:, 0, 0, 0] for images, *_ in batches(**other)])
    assert one.tolist() != two.tolist()


@pytest.mark.parametrize("other", [{"seed": 2}, {"epoch": 1}])
def test_other_seed_or_epoch_augments_every_face_anew(other):
    def shapes(**changed):
        points = np.concatenate([points for _, points, _ in batches(**changed)])
        return {shape.tobytes() for shape in points}

    assert len(shapes() | shapes(**other)) == 2 * 20


@pytest.mark.parametrize("bad", [0, 13])
def test_error_in_an_example_reaches_the_consumer(bad):
    calls = []

    def make(index, rng):
        calls.append(index)
        if len(calls) == bad + 1:
            raise ValueError("a face is broken")
        return example(index, rng)

    with pytest.raises(ValueError, match="a face is broken"):
        list(batches(make=make))
    assert wait_for_no_workers()


@pytest.mark.parametrize("taken", [1, 3])
def test_consumer_that_stops_early_leaves_no_thread_behind(taken):
    running = batches(count=400)
    for _ in range(taken):
        next(running)
    running.close()
    assert wait_for_no_workers()


def test_error_of_the_consumer_leaves_no_thread_behind():
    with pytest.raises(RuntimeError):
        for _ in batches(count=400):
            raise RuntimeError("the loss is not a number")
    assert wait_for_no_workers()


def test_finished_epoch_leaves_no_thread_behind():
    list(batches())
    assert wait_for_no_workers()


def test_batches_are_made_ahead_but_not_without_bound():
    made = []

    def make(index, rng):
        made.append(index)
        return example(index, rng)

    running = batches(count=400, make=make)
    next(running)
    deadline = time.monotonic() + 20
    while len(made) < 20 and time.monotonic() < deadline:
        time.sleep(0.01)
    time.sleep(0.1)
    assert 20 <= len(made) <= 28
    running.close()
    assert wait_for_no_workers()


def test_number_of_threads_changes_nothing():
    for one, four in zip(batches(threads=1), batches(threads=4), strict=True):
        for a, b in zip(one, four, strict=True):
            np.testing.assert_array_equal(a, b)


def test_shares_of_two_processes_make_the_batch_of_one():
    whole = batches()
    shares = zip(batches(share=slice(0, 2)), batches(share=slice(2, 4)), strict=True)
    for both, one in zip(shares, whole, strict=True):
        for parts, together in zip(zip(*both, strict=True), one, strict=True):
            np.testing.assert_array_equal(np.concatenate(parts), together)
