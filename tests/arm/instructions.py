"""``make bench-instructions``: the instructions that a Raspberry Pi's core needs for a model file.

::

    python -m tests.arm.instructions --out edge/models/instructions.json [--force] [MODEL ...]

Instructions are counted by emulation, on one thread. They are no time: cores run several in a
cycle and wait for memory. But no busy machine blurs them, so that they rank models for a board.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from shutil import copy
from statistics import median
from typing import Any

from command_line.command import run_command
from edge.models import model_path, shipped_finders, shipped_models
from landmarks.card import CentreHead
from landmarks.errors import LandmarkError
from landmarks.files import atomic_write, refuse_overwrite
from landmarks.model_file import read_model
from tests.arm.boards import PI_4, PI_5
from tests.arm.counter import between_marks, with_counter
from tests.arm.emulate import Emulator, emulator
from tests.arm.inside.counts import FRAMES, INFERENCES
from tests.arm.roots import PROJECT, TRIXIE

SCHEMA_VERSION = 1
BOARDS = (PI_4, PI_5)
RUNTIMES = {".tflite": "LiteRT", ".onnx": "ONNX Runtime"}
TIMEOUT_S = 3600  # a busy machine


def count(machine: Emulator, model: Path) -> dict[str, Any]:
    """Return the row of a model file on a machine with a counter."""
    file = read_model(model)
    copy(model, machine.root / "tmp" / model.name)
    head = file.card.head
    if isinstance(head, CentreHead):
        script, frames = "find.py", 0
    else:
        script, frames = "work.py", FRAMES if head.says_presence else 0
    done = machine.run(
        f"{PROJECT}/tests/arm/inside/{script}", f"/tmp/{model.name}", timeout_s=TIMEOUT_S
    )
    if done.returncode:
        raise LandmarkError(f"{model.name} on {machine.board.cpu} failed:\n{done.stderr}")
    return {
        "model": model.name,
        "sha256": file.sha256,
        "runtime": RUNTIMES[model.suffix],
        "cpu": machine.board.cpu,
        **per_step(between_marks(done.stderr), frames=frames),
    }


def per_step(counted: Sequence[int], *, frames: int = FRAMES) -> dict[str, int | None]:
    """Return the medians of what the work does between its marks.

    Between its two parts, which are not counted, ``inside/work.py`` reads the clip and finds the
    face. That of a finder, ``inside/find.py``, and of a network that is not followed has no frames.
    """
    expected = INFERENCES + (1 + frames if frames else 0)
    if len(counted) != expected:
        raise LandmarkError(f"{len(counted)} counts came back, expected {expected}")
    return {
        "per_inference": round(median(counted[:INFERENCES])),
        "per_tracked_frame": round(median(counted[-frames:])) if frames else None,
    }


def main(argv: Sequence[str]) -> None:
    """Count and write the table."""
    parser = argparse.ArgumentParser(prog="tests.arm.instructions", description=__doc__)
    parser.add_argument("models", nargs="*", help="files or names (default: all shipped)")
    parser.add_argument("--out", type=Path, required=True, metavar="FILE", help="JSON")
    parser.add_argument("--force", action="store_true", help="replace an existing file")
    args = parser.parse_args(argv)
    models = [model_path(model) for model in args.models]
    models = models or [*shipped_models(), *shipped_finders()]
    refuse_overwrite(args.out, force=args.force)
    with ExitStack() as stack:
        pool = stack.enter_context(ThreadPoolExecutor(os.cpu_count()))
        machines = [with_counter(stack.enter_context(emulator(TRIXIE, board))) for board in BOARDS]
        rows = list(
            pool.map(count, machines * len(models), [model for model in models for _ in machines])
        )
    for row in rows:
        text = f"{row['model']:32} {row['runtime']:13} {row['cpu']:11}"
        text += f"{row['per_inference'] / 1e6:8.2f} M an inference"
        if row["per_tracked_frame"] is not None:
            text += f"{row['per_tracked_frame'] / 1e6:8.2f} M a tracked frame"
        print(text)
    with atomic_write(args.out, force=args.force) as temporary:
        text = json.dumps({"schema_version": SCHEMA_VERSION, "rows": rows}, indent=1)
        temporary.write_text(text + "\n")


if __name__ == "__main__":
    sys.exit(run_command(main))
