import json

import pytest

from command_line.command import run_command
from landmarks.errors import UsageError
from train.__main__ import main
from train.evaluation.throughput import BLOCK, throughput
from train.settings.fit import FitConfig

pytestmark = pytest.mark.usefixtures("tiny")


def test_steps_are_measured_and_nothing_is_written(drawn_prepared, tmp_path):
    config = FitConfig(data=drawn_prepared, out=tmp_path / "run", size=64, batch=4)
    figures = throughput(config, steps=BLOCK + 1)
    assert figures.steps == 2 * BLOCK
    assert min(figures.network_ms, figures.loop_ms, figures.ratio) > 0
    assert list(tmp_path.iterdir()) == []


def test_too_few_faces_are_refused(drawn_prepared, tmp_path):
    config = FitConfig(data=drawn_prepared, out=tmp_path, batch=64)
    with pytest.raises(UsageError, match="do not fill a batch of 64"):
        throughput(config)


def test_command_prints_one_json_object(drawn_prepared, monkeypatch, capsys):
    asked = []

    def measured(config, steps):
        asked.append((config.model, config.size, config.batch, steps))
        return throughput(config, steps)

    monkeypatch.setattr("train.evaluation.throughput.throughput", measured)
    arguments = ["--model", "asmpip", "--data", str(drawn_prepared), "--size", "64"]
    assert (
        run_command(main, ["throughput", *arguments, "--batch", "4", "--steps", "1", "--json"]) == 0
    )
    figures = json.loads(capsys.readouterr().out)
    assert asked == [("asmpip", 64, 4, 1)]
    assert set(figures) >= {"network_ms", "loop_ms", "ratio", "images_per_second"}
