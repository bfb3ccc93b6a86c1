import errno
import fcntl
import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from landmarks.errors import OutputExistsError, OutputInUseError
from landmarks.file_lock import only_writer
from landmarks.files import atomic_write, clear_half_written, refuse_overwrite, write_whole

ROOT = Path(__file__).resolve().parents[2]


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


def killed_writer(path):
    """A process that is killed while it writes ``path``: its temporary file is left."""
    script = (
        "import os, signal, sys\nfrom landmarks.files import atomic_write\n"
        "with atomic_write(sys.argv[1]) as temporary:\n"
        "    temporary.write_text('half')\n    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    done = subprocess.run([sys.executable, "-c", script, path], cwd=ROOT)
    assert done.returncode == -signal.SIGKILL


def test_what_a_killed_process_left_goes_with_the_next_write_and_a_living_one_keeps_its_own(
    tmp_path,
):
    killed_writer(tmp_path / "o.jsonl")
    killed_writer(tmp_path / "other.jsonl")
    assert len(names(tmp_path)) == 2
    with atomic_write(tmp_path / "o.jsonl") as living:
        living.write_text("a")
        assert len(names(tmp_path)) == 2, "what was left of this file is gone, of others it stays"
        with atomic_write(tmp_path / "o.jsonl") as second:
            second.write_text("b")
            assert living.read_text() == "a"
    assert (tmp_path / "o.jsonl").read_text() == "a"
    clear_half_written(tmp_path)
    assert names(tmp_path) == ["o.jsonl"]


def test_only_what_is_ours_is_deleted(tmp_path):
    kept = ["last.npz", ".hidden", ".my-settings.json", "a.half-written-12345678.npz", ".gitignore"]
    for name in [*kept, ".a.half-written-x7_wq01a.npz", ".b.half-written-abcdefgh.part"]:
        (tmp_path / name).write_bytes(b"x")
    (tmp_path / ".c.half-written-abcdefgh.d").mkdir()
    (tmp_path / ".e.half-written-abcdefgh.f").symlink_to(tmp_path / "last.npz")
    with atomic_write(tmp_path / "now.npz") as temporary:
        clear_half_written(tmp_path)
        assert temporary.exists()
    linked = [".c.half-written-abcdefgh.d", ".e.half-written-abcdefgh.f"]
    assert names(tmp_path) == sorted([*kept, *linked, "now.npz"])
    clear_half_written(tmp_path / "nowhere")


def test_a_file_system_without_locks_keeps_everything(tmp_path, monkeypatch):
    def none(*_):
        raise OSError(errno.ENOLCK, "No locks available")

    left = tmp_path / ".o.half-written-abcdefgh.jsonl"
    left.write_text("half")
    monkeypatch.setattr(fcntl, "flock", none)
    with only_writer(tmp_path), atomic_write(tmp_path / "o.jsonl") as temporary:
        temporary.write_text("whole")
    assert names(tmp_path) == [left.name, "o.jsonl"]


@pytest.mark.parametrize("name", ["a" * 250 + ".txt", "\u4e00" * 80 + ".txt"])
def test_a_name_may_be_as_long_as_the_system_allows(tmp_path, name):
    with atomic_write(tmp_path / name) as temporary:
        temporary.write_text("x")
    assert names(tmp_path) == [name]


def test_a_folder_has_one_writer_until_it_ends_or_dies(tmp_path):
    script = (
        "import sys\nfrom pathlib import Path\nfrom landmarks.file_lock import only_writer\n"
        "with only_writer(Path(sys.argv[1])):\n    print('in', flush=True)\n    sys.stdin.read()\n"
    )
    command = [sys.executable, "-c", script, tmp_path]
    first = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    with first:
        assert first.stdout.readline() == b"in\n"
        with pytest.raises(OutputInUseError, match="another run is writing there"):
            with only_writer(tmp_path):
                pytest.fail("the block ran")
        first.kill()
    with only_writer(tmp_path):
        pass
    assert names(tmp_path) == []
