import pytest

from train.running.whole_file import clear_half_written, write_whole


def test_full_disk_names_the_file_and_leaves_the_old_one(tmp_path, file_size_limit):
    path = tmp_path / "metrics.csv"
    write_whole(path, b"old")
    with file_size_limit(100), pytest.raises(OSError, match="metrics.csv"):
        write_whole(path, bytes(1000))
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_what_a_killed_process_left_is_deleted_and_nothing_else(tmp_path):
    kept = [tmp_path / name for name in ("last.npz", ".hidden", ".gitignore", "a-12345678.npz")]
    for path in [*kept, tmp_path / ".last-x7_wq01a.npz", tmp_path / ".model-abcdefgh.keras"]:
        path.write_bytes(b"x")
    clear_half_written(tmp_path)
    assert sorted(tmp_path.iterdir()) == sorted(kept)
