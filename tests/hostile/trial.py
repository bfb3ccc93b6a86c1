"""Generated inputs of every kind, in processes that may die: what came of them, in figures."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Verdict:
    """What came of the inputs of one kind.

    Attributes:
        kind: of the inputs.
        tried: how many were answered.
        complaints: what was wrong, each with the number that makes the input again.
        slowest_s: the slowest one.
        peak_mb: largest memory of a process, with Python, OpenCV and the interpreter.
    """

    kind: str
    tried: int
    complaints: tuple[str, ...]
    slowest_s: float
    peak_mb: float


def trial(kind: str, first: int, count: int) -> Verdict:
    """Try inputs in one process."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.hostile.worker", kind, str(first), str(count)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        errors="replace",
    )
    lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith('{"number"')]
    complaints = [
        f"{kind} {line['number']}: {text}" for line in lines for text in line["complaints"]
    ]
    if len(lines) < count:
        ended = f"exit code {done.returncode}: {done.stderr[-2000:]}"
        complaints.append(f"{kind} {first + len(lines)}: the process died or hung, {ended}")
    return Verdict(
        kind,
        len(lines),
        tuple(complaints),
        max((line["seconds"] for line in lines), default=0.0),
        max((line["peak_mb"] for line in lines), default=0.0),
    )
