"""What ``python -m train selftrain`` makes of its command line; ``test_rounds`` has the work."""

from dataclasses import asdict
from pathlib import Path

import pytest

from command_line.command import run_command
from train.__main__ import main
from train.settings.config_file import write_config
from train.settings.selftrain import METHODS


@pytest.fixture
def asked(monkeypatch):
    """The configurations that were asked for, instead of trainings."""
    configs = []

    def begin(config, **_):
        configs.append(config)
        write_config(config.fit.out / "selftrain.toml", asdict(config))
        return ()

    monkeypatch.setattr("train.selftrain.rounds.selftrain", begin)
    return configs


@pytest.fixture
def run(asked, tmp_path):
    def run(*arguments, out="run"):
        return run_command(main, ["selftrain", "--out", str(tmp_path / out), *map(str, arguments)])

    return run


def test_folder_alone_resumes_with_the_settings_of_its_run(run, asked):
    how = ("--method", "plain", "--steps", 7, "--confidence", "--labelled-share", 0.25)
    augment = ("--augment", "none", "--set", "pip.k=4", "--epochs", 3)
    assert run("--labelled", "l", "--unlabelled", "u", "--unlabelled", "v", *how, *augment) == 0
    assert run("--resume") == 0
    first, again = asked
    assert again == first
    assert (first.tasks, first.steps, first.confidence) == (METHODS["plain"], 7, True)
    assert (first.labelled_share, first.unlabelled) == (0.25, (Path("u"), Path("v")))
    assert (first.fit.data, first.fit.epochs, first.fit.pip.k) == (Path("l"), 3, 4)


def test_command_line_wins_over_the_run_that_is_resumed(run, asked):
    assert run("--labelled", "l", "--unlabelled", "u", "--confidence", "--steps", 7) == 0
    assert run("--resume", "--no-confidence", "--epochs", 5) == 0
    assert (asked[1].confidence, asked[1].fit.epochs, asked[1].steps) == (False, 5, 7)


def test_published_method_is_the_default(run, asked):
    assert run("--labelled", "l", "--unlabelled", "u") == 0
    assert asked[0].tasks == ("cls3", "cls2", "std", "std", "std")
    assert (asked[0].confidence, asked[0].labelled_share, asked[0].relabel_every) == (False, 0, 0)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "selftrain needs --labelled"),
        (("--resume",), "no self-training to resume here"),
        (("--labelled", "l"), "needs --unlabelled DIR"),
        (("--labelled", "l", "--unlabelled", "u", "--labelled-share", "1.5"), "is 0 to 1"),
        (("--labelled", "l", "--unlabelled", "u", "--distribute"), "in one process"),
    ],
)
def test_impossible_command_is_one_line_and_exit_code_2(run, asked, capsys, arguments, message):
    assert run(*arguments) == 2
    errors = [line for line in capsys.readouterr().err.splitlines() if line.startswith("error")]
    assert len(errors) == 1
    assert message in errors[0]
    assert asked == []
