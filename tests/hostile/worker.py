"""Some inputs of one kind in one process, a line of JSON for each: ``KIND FIRST COUNT``.

An input that takes longer than ``MOST_SECONDS`` ends the process, wherever it hangs.
"""

from __future__ import annotations

import faulthandler
import json
import logging
import sys
import tempfile
import time
import traceback
from pathlib import Path

import numpy as np

from tests.hostile.kinds import KINDS

MOST_SECONDS = 10


def peak_mb() -> float:
    """Return the largest memory of this program; ``getrusage`` counts its parent's, too."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def main(kind: str, first: int, count: int) -> None:
    """Try the inputs ``first`` to ``first + count - 1``; the number is the seed."""
    logging.disable(logging.CRITICAL)
    for number in range(first, first + count):
        with tempfile.TemporaryDirectory() as folder:
            faulthandler.dump_traceback_later(MOST_SECONDS, exit=True)
            begun = time.monotonic()
            try:
                complaints = KINDS[kind](np.random.default_rng(number), Path(folder))
            except Exception:  # what a user would see as a traceback
                complaints = [traceback.format_exc()]
            faulthandler.cancel_dump_traceback_later()
            seconds = time.monotonic() - begun
        line = {
            "number": number,
            "seconds": seconds,
            "peak_mb": peak_mb(),
            "complaints": complaints,
        }
        print(json.dumps(line), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
