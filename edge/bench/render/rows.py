"""A report as CSV: one line for each subject, number of threads and board."""

from __future__ import annotations

import csv
import io
from dataclasses import asdict

from edge.bench.probes import FACE, FACE_STAGES, FRAME, FRAME_STAGES
from edge.bench.report import Report, Row, Run
from edge.bench.statistics import Latency

FIGURES = ("nme_percent", "fr8_percent", "fr10_percent", "auc8", "auc10", "recall_percent")
LATENCY = tuple(Latency.__dataclass_fields__)


def to_csv(report: Report) -> str:
    """Return the text of ``report.csv``; what a subject lacks is an empty cell."""
    records = [_record(run, row) for run in report.runs for row in run.rows]
    stream = io.StringIO()
    writer = csv.DictWriter(stream, list(records[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(records)
    return stream.getvalue()


def _record(run: Run, row: Row) -> dict[str, object]:
    record: dict[str, object] = {"board": run.name, "started": run.started}
    record |= {name: value for name, value in asdict(row.facts).items() if name != "note"}
    record["valid"] = not run.invalid
    for prefix, stages, values in (
        ("face", (*FACE_STAGES, FACE), row.face),
        ("frame", (*FRAME_STAGES, FRAME), row.frame),
    ):
        for stage in stages:
            summary = asdict(values[stage]) if stage in values else dict.fromkeys(LATENCY)
            record |= {f"{prefix}_{stage}_{name}": summary[name] for name in LATENCY}
    record["face_spread_percent"] = row.spread_percent(FACE)
    for name in ("load_ms", "first_ms", "peak_rss_mb"):
        record[name] = None if row.cold is None else getattr(row.cold, name)
    return record | {name: row.accuracy.figures.get(name) for name in FIGURES}
