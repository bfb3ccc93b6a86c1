import errno
import os
import stat

import pytest

from landmarks.errors import OutputExistsError
from landmarks.files import atomic_write, clear_half_written, refuse_overwrite, write_whole


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_content_is_in_place_once_the_block_has_ended(tmp_path):
    path = tmp_path / "out.json"
    with atomic_write(path) as temporary:
        temporary.write_text("new")
        assert not path.exists()
    assert path.read_text() == "new"
    assert names(tmp_path) == ["out.json"]


def test_temporary_file_has_the_suffix_of_the_final_one(tmp_path):
    with atomic_write(tmp_path / "model.keras") as temporary:
        assert temporary.suffix == ".keras"
        assert temporary.parent == tmp_path


@pytest.mark.parametrize(
    "error",
    [OSError(errno.ENOSPC, "No space left on device"), ValueError("x"), KeyboardInterrupt()],
    ids=["disk_full", "error", "interrupted"],
)
def test_failed_write_leaves_the_old_file_whole_and_nothing_behind(tmp_path, error):
    path = tmp_path / "out.json"
    path.write_text("old")
    with pytest.raises(type(error)), atomic_write(path, force=True) as temporary:
        temporary.write_text("half of the n")
        raise error
    assert path.read_text() == "old"
    assert names(tmp_path) == ["out.json"]


def test_failed_first_write_leaves_no_file(tmp_path):
    with pytest.raises(OSError), atomic_write(tmp_path / "out.json") as temporary:
        temporary.write_text("half")
        raise OSError(errno.ENOSPC, "No space left on device")
    assert names(tmp_path) == []


def test_failed_rename_leaves_nothing_behind(tmp_path, monkeypatch):
    def refuse(*_):
        raise OSError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(os, "replace", refuse)
    with pytest.raises(OSError), atomic_write(tmp_path / "out.json") as temporary:
        temporary.write_text("new")
    assert names(tmp_path) == []


def test_existing_file_is_refused_before_the_block_runs(tmp_path):
    path = tmp_path / "out.json"
    path.write_text("old")
    with pytest.raises(OutputExistsError, match="--force"), atomic_write(path):
        pytest.fail("the block ran")
    assert path.read_text() == "old"


def test_existing_file_is_replaced_with_force(tmp_path):
    path = tmp_path / "out.json"
    path.write_text("old")
    with atomic_write(path, force=True) as temporary:
        temporary.write_text("new")
    assert path.read_text() == "new"


def test_missing_folders_are_made(tmp_path):
    with atomic_write(tmp_path / "a" / "b c" / "out.txt") as temporary:
        temporary.write_text("x")
    assert (tmp_path / "a" / "b c" / "out.txt").read_text() == "x"


def test_mode_follows_the_umask(tmp_path):
    before = os.umask(0o027)
    try:
        with atomic_write(tmp_path / "out.txt") as temporary:
            temporary.write_text("x")
        assert os.umask(0o027) == 0o027  # and the umask is as it was
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "out.txt").stat().st_mode) == 0o640


def test_last_of_two_writers_wins_with_a_whole_file(tmp_path):
    path = tmp_path / "out.txt"
    with atomic_write(path, force=True) as one, atomic_write(path, force=True) as other:
        assert one != other
        one.write_text("one")
        other.write_text("other")
    assert path.read_text() == "one"  # its block ended last
    assert names(tmp_path) == ["out.txt"]


def test_refusal_names_the_path(tmp_path):
    refuse_overwrite(tmp_path / "new", force=False)
    with pytest.raises(OutputExistsError, match=str(tmp_path)):
        refuse_overwrite(tmp_path, force=False)
    refuse_overwrite(tmp_path, force=True)


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
