"""The rounds of a self-training: label, train anew, label again.

The folder of a self-training holds ``selftrain.toml``, ``rounds.csv`` and a run folder for every
round, each with its network and the pseudo-labels that it learned from. A finished round is not
done again; one that was cut off goes on after its last complete epoch.
"""

from __future__ import annotations

import csv
import io
import logging
from dataclasses import asdict
from pathlib import Path
from typing import Any

from landmarks.errors import UsageError
from landmarks.files import refuse_overwrite, write_whole
from landmarks.model_file import read_model
from train.selftrain.pool import open_pool
from train.selftrain.round import LABELS, MODEL, Round, run_round
from train.settings.config_file import read_config, write_config
from train.settings.selftrain import SelftrainConfig
from train.training_loop.run_folder import clear_run

logger = logging.getLogger(__name__)
MARKER, TABLE = "selftrain.toml", "rounds.csv"
COLUMNS = (
    "round",
    "task",
    "labelled",
    "unlabelled",
    "median_disagreement",
    "mean_weight",
    "epochs",
    "steps",
    "validation_nme_percent",
)


def selftrain(
    config: SelftrainConfig, *, resume: bool = False, force: bool = False
) -> tuple[dict[str, Any], ...]:
    """Train in rounds.

    Args:
        config: the self-training.
        resume: go on with what ``config.fit.out`` holds.
        force: start over in a used folder.

    Returns:
        A row for every round, see ``COLUMNS``, as ``rounds.csv`` has it.

    Raises:
        DatasetError: prepared data cannot be used.
        OutputExistsError: the folder is in use and neither resume nor force is set.
        UsageError: the model has no PIP head with neighbours, its grid is no multiple of 4, or
            a round was begun with another task.
        TrainingError: a loss is no longer a number, or the faces do not fill a batch.
    """
    out = config.fit.out
    if resume:
        _refuse_other_tasks(config)
    else:
        refuse_overwrite(out / MARKER, force=force)
        for folder in out.glob("round-*"):
            clear_run(folder, keep=False)
            (folder / LABELS).unlink(missing_ok=True)
    pool = open_pool(config.fit.data, config.unlabelled)
    write_config(out / MARKER, asdict(config))
    rows: list[dict[str, Any]] = []
    teacher: Path | None = None
    for number, task in enumerate((None, *config.tasks)):
        this = Round(number, task, out / f"round-{number}", teacher)
        teacher = this.folder / MODEL
        if not teacher.exists():
            run_round(this, config, pool)
        row = read_model(teacher).card.training["round"]
        rows.append({name: row.get(name, "") for name in COLUMNS})
        _write_rows(out / TABLE, rows)
        logger.info("%s", " ".join(f"{key} {value}" for key, value in row.items()))
    return tuple(rows)


def saved_settings(out: Path) -> dict[str, Any]:
    """Return the settings of the self-training in a folder, as in TOML; none if it has none."""
    return read_config(out / MARKER) if (out / MARKER).exists() else {}


def _refuse_other_tasks(config: SelftrainConfig) -> None:
    """Raise UsageError if a round that was begun would go on with another task."""
    out = config.fit.out
    began = saved_settings(out).get("tasks", ())
    for number, (was, now) in enumerate(zip(began, config.tasks, strict=False), start=1):
        if was != now and (out / f"round-{number}").exists():
            raise UsageError(
                f"{out}: round {number} was begun with the task {was}, not {now}: resume with the "
                "--method of the run, or start over with --force"
            )


def _write_rows(path: Path, rows: list[dict[str, Any]]) -> None:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, COLUMNS)
    writer.writeheader()
    writer.writerows(rows)
    write_whole(path, text.getvalue().encode())
