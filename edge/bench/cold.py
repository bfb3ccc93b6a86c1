"""What a start costs, measured in a fresh process: loading, the first inference, memory.

The child is ``python -m edge.bench.cold --model FILE --threads N``; it prints one line of JSON.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from command_line.command import run_command
from edge.bench.choice import Choice, ModelChoice, option_of
from edge.bench.peers.registry import PeerChoice
from landmarks.boxes import Box

CHILD_S = 120.0
FURTHER_RUNS = 10  # memory is taken in the first few
SIDE = 256


@dataclass(frozen=True)
class ColdStart:
    """The start of a process with one network.

    Attributes:
        load_ms: from the call to a ready network, the import of its runtime included.
        first_ms: the first crop, inference and decoding.
        peak_rss_mb: of the whole process, Python, NumPy and OpenCV included; None where the system
            does not say.
    """

    load_ms: float
    first_ms: float
    peak_rss_mb: float | None


def cold_start(choice: Choice, *, threads: int) -> ColdStart | None:
    """Start a fresh process with one network; None where no child process can be started."""
    command = [sys.executable, "-m", "edge.bench.cold", *option_of(choice)]
    try:
        done = subprocess.run(
            [*command, "--threads", str(threads)],
            capture_output=True,
            text=True,
            timeout=CHILD_S,
            check=True,
        )
        return ColdStart(**json.loads(done.stdout))
    except (OSError, subprocess.SubprocessError, ValueError, TypeError):
        return None


def measure_start(choice: Choice, *, threads: int) -> ColdStart:
    """Measure this process; it must not have loaded a network before."""
    picture = np.random.default_rng(0).integers(0, 256, (SIDE, SIDE, 3), np.uint8)
    box = Box(SIDE / 4, SIDE / 4, 3 * SIDE / 4, 3 * SIDE / 4)
    start = time.perf_counter_ns()
    subject = choice.open(threads)
    loaded = time.perf_counter_ns()
    subject.answer(picture, box)
    answered = time.perf_counter_ns()
    for _ in range(FURTHER_RUNS):
        subject.answer(picture, box)
    return ColdStart((loaded - start) / 1e6, (answered - loaded) / 1e6, _peak_rss_mb())


def _peak_rss_mb() -> float | None:
    """Read the high-water mark of this process's own memory.

    ``resource.getrusage`` would count the parent's, whose memory a child shares before it starts.
    """
    try:
        status = Path("/proc/self/status").read_text()
    except OSError:
        return None
    for line in status.splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024 / 1e6
    return None


def main(argv: Sequence[str]) -> int:
    """Print the figures of this process."""
    parser = argparse.ArgumentParser(prog="edge.bench.cold")
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--model", type=Path)
    what.add_argument("--peer", type=PeerChoice.parse)
    parser.add_argument("--threads", type=int, required=True)
    args = parser.parse_args(argv)
    choice: Choice = args.peer or ModelChoice(args.model)
    print(json.dumps(asdict(measure_start(choice, threads=args.threads))))
    return 0


if __name__ == "__main__":
    sys.exit(run_command(main))
