"""How long and how often is measured: MLPerf's rules for phones, scaled down to a board."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Rules:
    """The rules of one run; all of "at least" must hold.

    Attributes:
        warm_up_runs, warm_up_s: of everything, before the first sample.
        samples: of each subject in each repeat.
        sample_s: seconds of each repeat, times the number of subjects.
        repeats: how often the whole is measured; their spread is reported.
    """

    warm_up_runs: int = 10
    warm_up_s: float = 2.0
    samples: int = 200
    sample_s: float = 10.0
    repeats: int = 3


FULL = Rules()
QUICK = Rules(samples=50, sample_s=2.0)
