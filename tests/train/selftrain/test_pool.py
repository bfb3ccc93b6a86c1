import json

import numpy as np
import pytest

from landmarks.errors import DatasetError
from train.preparation.prepared import MARKER
from train.selftrain.pool import epoch_plan, open_pool


def test_epoch_without_a_share_goes_through_one_list(rng):
    plan = epoch_plan(np.arange(10), np.arange(100, 130), count=40, share=0, rng=rng)
    assert sorted(plan) == [*range(10), *range(100, 130)]


def test_no_face_comes_twice_before_all_came_once(rng):
    plan = epoch_plan(np.arange(10), np.arange(0), count=25, share=0, rng=rng)
    assert sorted(plan[:10]) == sorted(plan[10:20]) == list(range(10))
    assert len(set(plan[20:])) == 5


def test_share_of_labelled_faces_is_kept(rng):
    plan = epoch_plan(np.arange(10), np.arange(100, 1100), count=60, share=0.5, rng=rng)
    assert (plan < 100).sum() == 30
    assert np.bincount(plan[plan < 100]).tolist() == [3] * 10


def test_share_means_nothing_without_unlabelled_faces(rng):
    plan = epoch_plan(np.arange(10), np.arange(0), count=10, share=0.5, rng=rng)
    assert sorted(plan) == list(range(10))


def test_labelled_faces_come_first_in_the_pool(pool_folders):
    labelled, unlabelled = pool_folders
    pool = open_pool(labelled, (unlabelled, unlabelled))
    n, u = pool.labelled.info.n, pool.unlabelled[0].info.n
    assert pool.unlabelled_faces.tolist() == list(range(n, n + 2 * u))
    np.testing.assert_array_equal(pool.crop(n - 1), pool.labelled.crops[n - 1])
    np.testing.assert_array_equal(pool.crop(n + u), pool.unlabelled[1].crops[0])
    pseudo = np.arange(2 * u * 68 * 2, dtype=np.float32).reshape(-1, 68, 2)
    np.testing.assert_array_equal(pool.points_crop(0, None), pool.labelled.points_crop[0])
    np.testing.assert_array_equal(pool.points_crop(n + 1, pseudo), pseudo[1])
    with pytest.raises(IndexError):
        pool.crop(n + 2 * u)


def test_folders_prepared_otherwise_are_refused(pool_folders, tmp_path):
    labelled, unlabelled = pool_folders
    for path in unlabelled.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    facts = json.loads((unlabelled / MARKER).read_text())
    (tmp_path / MARKER).write_text(json.dumps({**facts, "scale": 1.3}))
    with pytest.raises(DatasetError, match="prepare both anew"):
        open_pool(labelled, (tmp_path,))
