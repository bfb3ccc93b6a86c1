"""``make hostile``: a thousand generated inputs and more, and a line for each kind."""

from __future__ import annotations

import argparse
import sys

from tests.hostile.kinds import KINDS
from tests.hostile.trial import trial

MOST_MB = 500
AT_ONCE = 50  # inputs of one process


def main() -> int:
    """Try them; return 1 if anything was wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.hostile", description=__doc__)
    parser.add_argument("--each", type=int, default=200, help="inputs of each kind (default: 200)")
    parser.add_argument("--kind", choices=list(KINDS), action="append", help="only this kind")
    arguments = parser.parse_args()
    wrong = 0
    for kind in arguments.kind or KINDS:
        starts = range(0, arguments.each, AT_ONCE)
        verdicts = [trial(kind, first, min(AT_ONCE, arguments.each - first)) for first in starts]
        complaints = [text for verdict in verdicts for text in verdict.complaints]
        peak_mb = max(verdict.peak_mb for verdict in verdicts)
        slowest_s = max(verdict.slowest_s for verdict in verdicts)
        tried = sum(verdict.tried for verdict in verdicts)
        print(
            f"{kind:>12}: {tried} inputs, {len(complaints)} complaints, slowest {slowest_s:.1f} s, "
            f"largest process {peak_mb:.0f} MB",
            flush=True,
        )
        for text in complaints:
            print(f"    {text}")
        wrong += len(complaints) + (peak_mb > MOST_MB)
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main())
