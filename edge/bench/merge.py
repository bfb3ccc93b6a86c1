"""Reports of several boards as one."""

from __future__ import annotations

from collections.abc import Sequence

from edge.bench.report import Report


def merge(reports: Sequence[Report]) -> Report:
    """Join the runs of reports in their order; a run that is in two of them appears once."""
    runs = dict.fromkeys((run.started, run.name) for report in reports for run in report.runs)
    by_key = {(run.started, run.name): run for report in reports for run in report.runs}
    counts = dict.fromkeys(row for report in reports for row in report.instructions)
    return Report(tuple(by_key[key] for key in runs), tuple(counts))
