import numpy as np
import pytest

from train.preparation.npy_append import appended_npy


@pytest.mark.parametrize("n", [1, 9, 10, 1234])
def test_a_grown_file_is_an_ordinary_array(tmp_path, n):
    rows = np.arange(n * 6, dtype=np.float32).reshape(n, 2, 3)
    with appended_npy(tmp_path / "a.npy") as file:
        for row in rows:
            file.append(row)
    for mode in (None, "r"):
        np.testing.assert_array_equal(np.load(tmp_path / "a.npy", mmap_mode=mode), rows)
    assert [path.name for path in tmp_path.iterdir()] == ["a.npy"]


def test_a_file_left_half_way_keeps_the_old_one(tmp_path):
    np.save(tmp_path / "a.npy", np.ones(3))
    with pytest.raises(KeyboardInterrupt), appended_npy(tmp_path / "a.npy") as file:
        file.append(np.zeros(3))
        raise KeyboardInterrupt
    assert np.load(tmp_path / "a.npy").sum() == 3
    assert [path.name for path in tmp_path.iterdir()] == ["a.npy"]


def test_full_disk_is_named_and_keeps_the_old_file(tmp_path, file_size_limit):
    np.save(tmp_path / "a.npy", np.ones(3))
    with (
        file_size_limit(20000),
        pytest.raises(OSError, match="File too large.*a.npy"),
        appended_npy(tmp_path / "a.npy") as file,
    ):
        for _ in range(50):
            file.append(np.zeros(1000, np.uint8))
    assert np.load(tmp_path / "a.npy").sum() == 3
    assert [path.name for path in tmp_path.iterdir()] == ["a.npy"]


def test_entries_of_another_shape_or_type_are_refused(tmp_path):
    for other in (np.zeros(3, np.float32), np.zeros(2, np.float64)):
        with (
            pytest.raises(ValueError, match=r"expected float32 \(2,\)"),
            appended_npy(tmp_path / "a.npy") as file,
        ):
            file.append(np.zeros(2, np.float32))
            file.append(other)


def test_entries_need_not_be_contiguous(tmp_path):
    entry = np.arange(12, dtype=np.uint8).reshape(3, 4).T
    with appended_npy(tmp_path / "a.npy") as file:
        file.append(entry)
    np.testing.assert_array_equal(np.load(tmp_path / "a.npy"), entry[None])
