import subprocess
import sys
from pathlib import Path

import pytest

from command_line.command import run_command
from train.__main__ import main

CHECKOUT = Path(__file__).resolve().parents[2]


def run(*arguments):
    return run_command(main, [str(argument) for argument in arguments])


def test_prepare_cuts_a_data_set_and_says_so_on_stdout(tmp_path, draw_faces, capsys):
    for folder in ("afw", "helen/trainset", "lfpw/trainset"):
        draw_faces(tmp_path / "300w" / folder, 1)
    out = tmp_path / "prepared"
    assert run("prepare", "w300", "--root", tmp_path / "300w", "--out", out) == 0
    assert capsys.readouterr().out == (
        f"{out}: 3 faces of w300 train, 256 px, 0 bad files left out\n"
    )
    assert run("prepare", "w300", "--root", tmp_path / "300w", "--out", out) == 2
    assert "--force" in capsys.readouterr().err


def test_prepare_names_a_bad_file_and_leaves_it_out_on_request(tmp_path, draw_faces, capsys):
    folder = draw_faces(tmp_path / "faces", 4)
    (folder / "face_001.pts").write_text("{\noops\n}\n")
    (folder / "face_002.png").write_bytes(b"broken")
    command = ("prepare", "labelled", "--root", folder, "--out", tmp_path / "out")
    assert run(*command) == 3
    assert "face_001.pts:2: expected 'x y', received 'oops'; --skip-bad" in capsys.readouterr().err
    assert run(*command, "--skip-bad") == 0
    out, err = capsys.readouterr()
    assert out.endswith("2 faces of labelled all, 256 px, 2 bad files left out\n")
    assert run(*command, "--force", "--skip-bad", "--limit", "1") == 0


def test_prepare_refuses_an_unknown_subset_and_lists_the_known_ones(tmp_path, capsys):
    assert run("prepare", "wflw", "--root", tmp_path, "--out", tmp_path, "--subset", "val") == 3
    assert "no subset 'val', expected train, test" in capsys.readouterr().err


def test_prepare_help_lists_the_data_sets(capsys):
    with pytest.raises(SystemExit):
        run("prepare", "--help")
    assert "cofw68    COFW-68: test" in capsys.readouterr().out


def test_missing_data_set_is_exit_code_3(tmp_path, capsys):
    assert run("prepare", "w300", "--root", tmp_path, "--out", tmp_path / "out") == 3
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("error: ")
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("fly",),
        ("prepare", "nothing", "--root", ".", "--out", "x"),
        ("prepare", "w300", "--root", ".", "--out", "x", "--limit", "0"),
        ("fit", "--epochs", "0"),
        ("fit", "--batch", "many"),
        ("fit", "--model", "unknown"),
    ],
    ids=lambda arguments: " ".join(arguments) or "nothing",
)
def test_impossible_command_line_is_exit_code_2(arguments, capsys):
    with pytest.raises(SystemExit) as caught:
        run(*arguments)
    assert caught.value.code == 2
    assert "usage" in capsys.readouterr().err


def test_a_configuration_cannot_name_an_unknown_model(tmp_path, capsys):
    config = tmp_path / "config.toml"
    config.write_text('model = "resnet"\ndata = "d"\nout = "o"\n')
    assert run_command(main, ["fit", "--config", str(config)]) == 2
    assert "unknown model 'resnet', expected asmpip, asmnet" in capsys.readouterr().err


def test_help_and_mistyped_flags_wait_for_no_framework():
    program = "import sys, train.__main__; print(*sys.modules)"
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert not {"keras", "tensorflow", "matplotlib", "scipy"} & set(done.stdout.split())
