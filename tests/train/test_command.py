import pytest

from landmarks.command import run_command
from train.__main__ import main


def run(*arguments):
    return run_command(main, [str(argument) for argument in arguments])


def test_prepare_cuts_a_data_set_and_says_so_on_stdout(tmp_path, draw_faces, capsys):
    for folder in ("afw", "helen/trainset", "lfpw/trainset"):
        draw_faces(tmp_path / "300w" / folder, 1)
    out = tmp_path / "prepared"
    assert run("prepare", "w300", "--root", tmp_path / "300w", "--out", out) == 0
    assert capsys.readouterr().out == f"{out}: 3 faces of w300 train, 256 px\n"
    assert run("prepare", "w300", "--root", tmp_path / "300w", "--out", out) == 2
    assert "--force" in capsys.readouterr().err


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
