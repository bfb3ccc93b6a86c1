"""The tables of a run, as plain cells: Markdown and HTML show the same ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from edge.bench.environment import Conditions
from edge.bench.plots.stages import share_ms
from edge.bench.probes import FACE, FRAME, FRAME_STAGES
from edge.bench.report import Row, Run

NOTHING = "-"


@dataclass(frozen=True)
class Table:
    """A table.

    Attributes:
        title: above it.
        header: names of the columns; the first column holds names, the others figures.
        rows: cells, ready to show.
        note: below it, one paragraph; may be empty.
        words: the cells are words, not figures.
    """

    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""
    words: bool = False


def tables(run: Run) -> tuple[Table, ...]:
    """Return all tables of one run that have rows."""
    every = (summary(run), frames(run), starts(run), regions(run), peers(run), machine(run))
    return tuple(table for table in every if table.rows)


def summary(run: Run) -> Table:
    """Latency and error of every subject, in one line each."""
    costs = ("threads", "MB", "network p50 / p90 / p99", "a face p50 / p90", "spread")
    return Table(
        "Latency and error",
        ("", *costs, "NME %", "FR 10 %", "AUC 10 %"),
        tuple(
            (
                row.facts.name,
                str(row.facts.threads),
                f"{row.facts.bytes / 1e6:.2f}",
                _percentiles(row, "infer", "p50_ms", "p90_ms", "p99_ms"),
                _percentiles(row, FACE, "p50_ms", "p90_ms"),
                f"{row.spread_percent(FACE):.1f} %",
                *_errors(row),
            )
            for row in run.rows
        ),
        f"Milliseconds. A face: crop, network and decoding in a given box. Spread: how far the "
        f"medians of {run.rules.repeats} repeats lie apart. Detectors have no landmarks: recall "
        "of the labelled faces stands for their error.",
    )


def frames(run: Run) -> Table:
    """Whole frames of ``edge-run``, stage by stage."""
    rows = [row for row in run.rows if row.frame]
    return Table(
        "A whole frame, stage by stage",
        ("", "threads", "frame p50 / p90 / p99", *(f"{stage}, mean" for stage in FRAME_STAGES)),
        tuple(
            (
                row.facts.name,
                str(row.facts.threads),
                " / ".join(
                    f"{value:.2f}"
                    for value in (
                        row.frame[FRAME].p50_ms,
                        row.frame[FRAME].p90_ms,
                        row.frame[FRAME].p99_ms,
                    )
                ),
                *(f"{share_ms(row.frame, stage, FRAME):.3f}" for stage in FRAME_STAGES),
            )
            for row in rows
        ),
        f"Milliseconds, the code of edge-run on {run.clip}, one face followed. Means add up; find "
        "runs only when a face is lost (in every frame of a network that says no presence), and "
        "counts with its share of all frames. Capture is the decoding of the video, not a camera.",
    )


def starts(run: Run) -> Table:
    """What a fresh process needs before its first face."""
    return Table(
        "Start in a fresh process",
        ("", "threads", "load ms", "first face ms", "peak memory MB"),
        tuple(
            (
                row.facts.name,
                str(row.facts.threads),
                f"{row.cold.load_ms:.0f}",
                f"{row.cold.first_ms:.1f}",
                NOTHING if row.cold.peak_rss_mb is None else f"{row.cold.peak_rss_mb:.0f}",
            )
            for row in run.rows
            if row.cold is not None
        ),
        "Load includes the import of the runtime; memory is that of the whole process.",
    )


def regions(run: Run) -> Table:
    """Errors by region of the face."""
    rows = [row for row in _once(run.rows) if row.accuracy.errors_percent]
    names = list(rows[0].accuracy.figures["regions_nme_percent"]) if rows else []
    return Table(
        "NME by region, %",
        ("", *names),
        tuple(
            (
                row.facts.name,
                *(f"{row.accuracy.figures['regions_nme_percent'][name]:.2f}" for name in names),
            )
            for row in rows
        ),
    )


def peers(run: Run) -> Table:
    """Where each network comes from, and what it is fed."""
    return Table(
        "Networks",
        ("", "runtime", "trained on", "input"),
        tuple(
            (row.facts.name, row.facts.runtime, row.facts.trained_on, row.facts.note)
            for row in _once(run.rows)
        ),
        "A network that was trained on 300W knows the statistics that the bundled faces are drawn "
        "from, ours included; one that was trained on the test pictures has no fair error on them.",
        words=True,
    )


def machine(run: Run) -> Table:
    """The board, the system and the conditions of the run."""
    board = run.board
    facts = {
        "board": board.get("board"),
        "processor": board.get("processor"),
        "architecture": board.get("machine"),
        "features": " ".join(board.get("features", [])),
        "cores": board.get("cores"),
        "system": board.get("system"),
        "governor": board.get("governor"),
        "Python": board.get("python"),
        **board.get("versions", {}),
        "git revision": board.get("git_revision"),
        "started": run.started,
        "rules": f"{run.rules.repeats} repeats, each at least {run.rules.samples} samples and "
        f"{run.rules.sample_s:g} s a probe, after {run.rules.warm_up_runs} runs and "
        f"{run.rules.warm_up_s:g} s",
        "before": _conditions(run.before),
        "after": _conditions(run.after),
    }
    return Table(
        "Machine",
        ("", ""),
        tuple((name, str(value)) for name, value in facts.items() if value not in (None, "")),
        words=True,
    )


def _percentiles(row: Row, stage: str, *names: str) -> str:
    return " / ".join(f"{getattr(row.face[stage], name):.2f}" for name in names)


def _errors(row: Row) -> tuple[str, str, str]:
    figures = row.accuracy.figures
    if "recall_percent" in figures:
        return f"recall {figures['recall_percent']:.1f} %", NOTHING, NOTHING
    return (
        f"{figures['nme_percent']:.3f}",
        f"{figures['fr10_percent']:.2f}",
        f"{figures['auc10']:.4f}",
    )


def _once(rows: Sequence[Row]) -> list[Row]:
    return list({row.facts.name: row for row in rows}.values())


def _conditions(conditions: Conditions) -> str:
    parts = [
        None if conditions.temperature_c is None else f"{conditions.temperature_c:.1f} C",
        None if conditions.clock_mhz is None else f"{conditions.clock_mhz:.0f} MHz",
        None if conditions.throttled is None else f"throttling bits {conditions.throttled:#x}",
        None if conditions.load_1m is None else f"load {conditions.load_1m:.2f}",
    ]
    return ", ".join(filter(None, parts)) or "the system says nothing"
