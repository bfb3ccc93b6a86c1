"""The folder of a run: what an earlier run left in it, and what a killed one left half written."""

from __future__ import annotations

from pathlib import Path

from landmarks.files import clear_half_written
from train.training_loop.checkpoint import clear_checkpoints
from train.training_loop.event_log import clear_events


def clear_run(folder: Path, *, keep: bool) -> None:
    """Delete what an earlier run left, or with ``keep`` what a killed one left half written."""
    clear_half_written(folder)
    clear_half_written(folder / "checkpoint")
    if keep:
        return
    # the configuration first: without it, nobody can resume what is about to go
    for name in ("config.toml", "metrics.csv", "model.keras"):
        (folder / name).unlink(missing_ok=True)
    clear_checkpoints(folder / "checkpoint")
    clear_events(folder / "tensorboard")
