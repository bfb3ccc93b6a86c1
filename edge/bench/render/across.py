"""The tables of a report that stand above or below its runs."""

from __future__ import annotations

from edge.bench.probes import FACE
from edge.bench.published import PUBLISHED
from edge.bench.render.tables import NOTHING, Table
from edge.bench.report import Report


def boards(report: Report) -> Table:
    """The same subjects on several boards."""
    names = dict.fromkeys(row.facts.key for run in report.runs for row in run.rows)
    by_run = [{row.facts.key: row for row in run.rows} for run in report.runs]
    return Table(
        "Boards",
        ("", *(f"{run.name} (invalid)" if run.invalid else run.name for run in report.runs)),
        tuple(
            (
                key,
                *(
                    f"{rows[key].face['infer'].p50_ms:.2f} / {rows[key].face[FACE].p50_ms:.2f}"
                    if key in rows
                    else NOTHING
                    for rows in by_run
                ),
            )
            for key in names
        ),
        "Median milliseconds of the network / of a face: crop, network, decoding.",
    )


def instructions(report: Report) -> Table:
    """Instruction counts under emulation."""
    return Table(
        "Instructions, not time",
        ("", "runtime", "processor", "an inference", "a tracked frame"),
        tuple(
            (
                row.model,
                row.runtime,
                row.cpu,
                _millions(row.per_inference),
                _millions(row.per_tracked_frame),
            )
            for row in report.instructions
        ),
        "Counted under emulation, so no other work on the machine can blur them; how long a "
        "processor takes for them is not said.",
    )


def published() -> Table:
    """What others measured on boards."""
    return Table(
        "Published by others, milliseconds",
        ("", "board", "ms", "source"),
        tuple((row.what, row.board, f"{row.ms:g}", row.source) for row in PUBLISHED),
        "Other networks on other days: they say what a board is capable of, and were not measured "
        "with edge-bench.",
        words=True,
    )


def _millions(count: float | None) -> str:
    return NOTHING if count is None else f"{count / 1e6:.1f} M"
