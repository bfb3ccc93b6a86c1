"""How ``python -m train fit`` ends when it cannot go on: one line, exit code 1, nothing half."""

import os
import subprocess
from contextlib import contextmanager
from pathlib import Path

import keras
import numpy as np
import pytest

from command_line.command import run_command
from landmarks import files
from train.__main__ import main
from train.methods import pip
from train.training_loop import save

pytestmark = pytest.mark.usefixtures("tiny")
FILES = ("config.toml", "metrics.csv", "checkpoint/last.npz", "checkpoint/best.npz", "model.keras")


@pytest.fixture
def run_fit(drawn_prepared, capsys):
    """Run the command; give its exit code and its error lines."""

    def run(out, *arguments, epochs=1):
        small = ("--size", "64", "--batch", "4", "--epochs", str(epochs), "--set", "ema=0.5")
        each = ("--set", "validate_every=1", "--validation-percent", "20")
        where = ("--data", str(drawn_prepared), "--out", str(out))
        code = run_command(main, ["fit", *where, *small, *each, *arguments])
        lines = capsys.readouterr().err.splitlines()
        return code, [line for line in lines if line.startswith("error")]

    return run


def whole(path):
    """Whether a file of a run can be read to its end, or was never begun."""
    if not path.exists():
        return True
    if path.suffix == ".npz":
        with np.load(path) as arrays:
            return all(arrays[name] is not None for name in arrays.files)
    if path.suffix == ".keras":
        return keras.models.load_model(path, compile=False) is not None
    return path.read_text().endswith("\n")


def half_written(out):
    return list(out.rglob(".*-????????.*"))


def test_loss_that_is_no_number_is_one_line_and_exit_code_1(run_fit, tmp_path, monkeypatch):
    out = tmp_path / "run"
    assert run_fit(out) == (0, [])
    before = {path: path.read_bytes() for path in out.rglob("last.npz")}
    encode = pip.encode_pip

    def broken(points, *how):
        return encode(np.full_like(points, np.inf), *how)

    with monkeypatch.context() as patch, np.errstate(invalid="ignore"):
        patch.setattr(pip, "encode_pip", broken)
        code, errors = run_fit(out, "--resume", epochs=3)
    assert code == 1
    assert len(errors) == 1
    assert "epoch 2, step 1 is" in errors[0]
    assert "checkpoint of epoch 1 is kept" in errors[0]
    assert {path: path.read_bytes() for path in out.rglob("last.npz")} == before
    assert run_fit(out, "--resume", epochs=2) == (0, [])


@pytest.mark.parametrize("name", FILES)
def test_file_that_cannot_be_written_is_named_and_nothing_is_half(
    run_fit, tmp_path, monkeypatch, file_size_limit, name
):
    """The limit stands while this one file is written, in the middle of a run."""
    out = tmp_path / "run"
    written = files.atomic_write

    @contextmanager
    def limited(path, **how):
        if path.name not in (Path(name).name, Path(name).name.replace("last", "next")):
            with written(path, **how) as temporary:
                yield temporary
            return
        with file_size_limit(60), written(path, **how) as temporary:
            yield temporary

    for module in (files, save):
        monkeypatch.setattr(module, "atomic_write", limited)
    code, errors = run_fit(out)
    assert code == 1
    assert len(errors) == 1
    assert "File too large" in errors[0]
    assert Path(name).name.replace("last", "next") in errors[0]
    assert not (out / name).exists()
    assert all(whole(out / other) for other in FILES)
    assert half_written(out) == []


def test_run_on_a_disk_that_fills_up_goes_on_when_there_is_room_again(run_fit, tmp_path):
    with small_disk(tmp_path / "disk", 2) as disk:
        ballast = disk / "ballast"
        ballast.write_bytes(bytes(2**21 - 2**18))
        code, errors = run_fit(disk / "run", epochs=2)
        assert code == 1
        assert len(errors) == 1
        assert errors[0].endswith("No space left on device")
        assert str(disk / "run") in errors[0]
        assert all(whole(disk / "run" / name) for name in FILES)
        assert half_written(disk) == []
        ballast.unlink()
        assert run_fit(disk / "run", "--resume", epochs=2) == (0, [])
        assert all((disk / "run" / name).exists() and whole(disk / "run" / name) for name in FILES)


@contextmanager
def small_disk(folder, megabytes):
    """A file system of its own; only root may mount one."""
    folder.mkdir()
    how = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(how, capture_output=True).returncode:
        pytest.skip("a small file system can be mounted by root alone")
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)
