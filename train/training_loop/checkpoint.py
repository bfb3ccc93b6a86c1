"""Training state on disk: complete or absent, and the one before it as a reserve.

A checkpoint is one ``.npz`` file with every variable of the network and the optimizer and the
history so far. It is complete and fsynced before the older ones move: ``last`` becomes
``previous``, then ``next`` becomes ``last``. So a kill at any moment loses at most the epoch that
was running, and of two checkpoints one at least is always in place.
"""

from __future__ import annotations

import io
import json
import logging
import os
import zipfile
import zlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import keras
import numpy as np

from landmarks.errors import TrainingError
from landmarks.files import clear_half_written, write_whole
from landmarks.shown import shown

NEXT, LAST, PREVIOUS, BEST = "next.npz", "last.npz", "previous.npz", "best.npz"
# What NumPy, zipfile and the checks here raise on a file that is not what was written.
DAMAGE = (
    *(OSError, EOFError, ValueError, KeyError, TypeError, AttributeError, RuntimeError),
    *(zipfile.BadZipFile, zlib.error),
)
logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Progress:
    """How far a run has come.

    Attributes:
        epoch: epochs completed.
        history: one dictionary of metrics an epoch.
    """

    epoch: int = 0
    history: tuple[dict[str, float], ...] = field(default=())


def save_checkpoint(folder: Path, model: keras.Model, progress: Progress) -> None:
    """Write the state of a compiled model and its optimizer after an epoch.

    Raises:
        OSError: it cannot be written; the checkpoints before it stay.
    """
    arrays: dict[str, Any] = {
        f"{kind}/{i}": keras.ops.convert_to_numpy(variable)
        for kind, variables in _variables(model).items()
        for i, variable in enumerate(variables)
    }
    arrays["progress"] = np.array(
        json.dumps({"epoch": progress.epoch, "history": list(progress.history)})
    )
    write_whole(folder / NEXT, _archive(arrays))
    if (folder / LAST).exists():
        os.replace(folder / LAST, folder / PREVIOUS)
    os.replace(folder / NEXT, folder / LAST)


def has_checkpoint(folder: Path) -> bool:
    """Say whether a run in this folder has completed an epoch."""
    return any((folder / name).exists() for name in (NEXT, LAST, PREVIOUS))


def load_checkpoint(folder: Path, model: keras.Model) -> Progress:
    """Put the newest readable checkpoint into a compiled model; start afresh if there is none.

    Raises:
        TrainingError: checkpoints exist but none fits this network.
    """
    found = [folder / name for name in (NEXT, LAST, PREVIOUS) if (folder / name).exists()]
    for path in found:
        try:
            return _load(path, model)
        except DAMAGE as error:
            logger.warning("%s cannot be used: %s", path, error)
    if found:
        raise TrainingError(
            f"{folder}: no checkpoint fits this network; resume with the configuration of the run, "
            "or start a new one without --resume"
        )
    return Progress()


def save_best(folder: Path, model: keras.Model) -> None:
    """Write the weights of a network, which validated better than any before."""
    write_whole(folder / BEST, _archive({f"arr_{i}": w for i, w in enumerate(model.get_weights())}))


def load_best(folder: Path, model: keras.Model) -> None:
    """Put the weights that validated best into a network.

    Raises:
        TrainingError: they are damaged; the checkpoints of the run are not.
    """
    path = folder / BEST
    try:
        with path.open("rb") as file, np.load(file) as arrays:
            model.set_weights([arrays[f"arr_{i}"] for i in range(len(arrays.files))])
    except DAMAGE as error:
        raise TrainingError(f"{path}: the best weights cannot be read: {error}") from None


def clear_checkpoints(folder: Path) -> None:
    """Delete what an earlier run left."""
    for name in (NEXT, LAST, PREVIOUS, BEST):
        (folder / name).unlink(missing_ok=True)
    clear_half_written(folder)


def finite(model: keras.Model) -> bool:
    """Say whether all weights are numbers: the loss of a step is that before its update."""
    return all(np.isfinite(weights).all() for weights in model.get_weights())


def _archive(arrays: dict[str, Any]) -> memoryview:
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    return buffer.getbuffer()


def _load(path: Path, model: keras.Model) -> Progress:
    with path.open("rb") as file, np.load(file) as arrays:  # NumPy leaks a damaged file's handle
        pairs = []
        for kind, variables in _variables(model).items():
            stored = [key for key in arrays.files if key.startswith(f"{kind}/")]
            if len(stored) != len(variables):
                raise ValueError(f"{len(stored)} {kind} variables, expected {len(variables)}")
            for i, variable in enumerate(variables):
                value = arrays[f"{kind}/{i}"]
                if value.shape != tuple(variable.shape):
                    raise ValueError(f"{kind} variable {i} is {value.shape}, not {variable.shape}")
                pairs.append((variable, value))
        progress = _progress(str(arrays["progress"]))
    for variable, value in pairs:  # nothing is touched before the whole file has been checked
        variable.assign(value)
    return progress


def _progress(text: str) -> Progress:
    """Return how far a run has come.

    Raises:
        ValueError: the text does not say it.
    """
    state: Any = json.loads(text)
    fields: dict[str, Any] = state if isinstance(state, dict) else {}
    epoch: Any = fields.get("epoch")
    rows: Any = fields.get("history")
    whole = type(epoch) is int and epoch >= 0 and isinstance(rows, list)
    if not whole or not all(isinstance(row, dict) for row in rows):
        raise ValueError(f"progress is {shown(state)}, expected epoch and history")
    if not all(type(value) in (int, float, type(None)) for row in rows for value in row.values()):
        raise ValueError("a metric of the history is no number")
    return Progress(epoch, tuple(rows))


def _variables(model: keras.Model) -> dict[str, list[Any]]:
    if not model.optimizer.built:
        model.optimizer.build(model.trainable_variables)
    return {"model": model.variables, "optimizer": model.optimizer.variables}
