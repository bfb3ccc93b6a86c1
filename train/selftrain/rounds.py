"""The rounds of a self-training: label, train anew, label again.

The folder of a self-training holds ``selftrain.toml``, ``rounds.csv`` and a run folder for every
round, each with its network and the pseudo-labels that it learned from. A finished round is not
done again; one that was cut off goes on after its last complete epoch.
"""

from __future__ import annotations

import csv
import logging
from dataclasses import asdict
from pathlib import Path
from typing import Any

from landmarks.files import atomic_write, refuse_overwrite
from landmarks.model_file import read_model
from train.running.config_file import write_config
from train.running.run_folder import clear_run
from train.selftrain.config import SelftrainConfig
from train.selftrain.pool import open_pool
from train.selftrain.round import LABELS, MODEL, Round, run_round

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
        UsageError: the model has no PIP head with neighbours, or its grid is no multiple of 4.
        TrainingError: a loss is no longer a number, or the faces do not fill a batch.
    """
    out = config.fit.out
    if not resume:
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


def _write_rows(path: Path, rows: list[dict[str, Any]]) -> None:
    with atomic_write(path, force=True) as temporary, temporary.open("w", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows(rows)
