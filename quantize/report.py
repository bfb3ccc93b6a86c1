"""What a quantization cost and gained: one row a graph, as a table and as JSON."""

from __future__ import annotations

import platform
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from math import sqrt
from typing import Any

import numpy as np

from landmarks.score import Score
from quantize.audit_report import Audit, audit_table
from quantize.candidates import CONTROL, TRAINED
from quantize.row import Row

SCHEMA_VERSION = 1


@dataclass(frozen=True)
class LandmarkReport:
    """The rows of a run; the first is the float32 network that all others are compared to.

    Attributes:
        rows: at least one.
        data: the faces that were scored, in words.
        audit: cost of each step; None where it was not asked for.
    """

    rows: tuple[Row[Score], ...]
    data: str
    audit: Audit | None = None

    def lost(self, row: Row[Score]) -> float:
        """Return what a row loses against the float32 network, NME in percentage points."""
        return row.score.nme_percent - self.rows[0].score.nme_percent

    def uncertainty(self, row: Row[Score], other: Row[Score]) -> float:
        """Return the standard error of the difference between two rows, NME percentage points.

        Both saw the same faces, so what counts is how the differences of single faces spread.
        """
        differences = 100 * (row.score.errors - other.score.errors)
        return float(np.std(differences)) / sqrt(max(len(differences) - 1, 1))

    def lost_by_region(self, row: Row[Score]) -> dict[str, float]:
        """Return the same for each region of the face."""
        before = self.rows[0].score.regions
        return {name: 100 * (v - before[name]) for name, v in row.score.regions.items()}

    def to_dict(self) -> dict[str, Any]:
        """Return JSON types."""
        return {
            "schema_version": SCHEMA_VERSION,
            "data": self.data,
            "machine": platform.machine(),
            "rows": [
                {
                    "name": row.name,
                    "precision": row.precision,
                    "format": row.format,
                    "bytes": row.bytes,
                    "latency_ms": row.latency_ms,
                    "lost_nme_percent": round(self.lost(row), 4),
                    "lost_standard_error": round(self.uncertainty(row, self.rows[0]), 4),
                    "lost_by_region": {k: round(v, 4) for k, v in self.lost_by_region(row).items()},
                    "delegation": asdict(row.delegation) if row.delegation else None,
                    "file": row.path.name if row.path else None,
                    **row.score.to_dict(),
                }
                for row in self.rows
            ],
            "audit": self.audit.to_dict() if self.audit else None,
        }

    def render(self) -> str:
        """Return the report as a table, with a verdict in words."""
        rows = self.rows
        threads = list(rows[0].latency_ms)
        regions = list(rows[0].score.regions)
        lines = [f"{len(rows[0].score.errors)} faces of {self.data}; inter-ocular NME, true boxes"]
        times = "".join(f"{f'ms, {n} thr.':>12}" for n in threads)
        lost = "".join(f"{name:>9}" for name in regions)
        lines.append(f"{'':<17}{'format':<7}{'MB':>6}{times}{'NME %':>8}{'lost':>8} |{lost}")
        for row in rows:
            times = "".join(f"{row.latency_ms[n]:>12.2f}" for n in threads)
            lost = "".join(f"{v:>+9.3f}" for v in self.lost_by_region(row).values())
            lines.append(
                f"{row.name:<17}{row.format:<7}{row.bytes / 1e6:>6.2f}{times}"
                f"{row.score.nme_percent:>8.3f}{self.lost(row):>+8.3f} |{lost}"
            )
        if self.audit:
            lines += ["", audit_table(self.audit), ""]
        return "\n".join([*lines, *_verdicts(self), *_files(rows)])


def _verdicts(report: LandmarkReport) -> list[str]:
    before = report.rows[0]
    lines = [
        f"{row.name}: {report.lost(row):+.3f} ±{report.uncertainty(row, before):.3f} NME points, "
        f"{before.bytes / row.bytes:.1f}x smaller, "
        f"{before.latency_ms[1] / row.latency_ms[1]:.2f}x the speed of float32 with one thread on "
        f"this machine ({platform.machine()}; a Raspberry Pi differs: edge-bench); "
        f"{row.delegation.summary()}"
        for row in report.rows
        if row.precision == "int8" and row.path and row.delegation
    ]
    named = {row.name: row for row in report.rows if row.format == "tflite"}
    if TRAINED in named and CONTROL in named:
        trained, control = named[TRAINED], named[CONTROL]
        more = report.lost(trained) - report.lost(control)
        error = report.uncertainty(trained, control)
        lines.append(f"{TRAINED} against its control: {more:+.3f} ±{error:.3f} NME points")
    return lines


def _files(rows: Sequence[Row[Score]]) -> list[str]:
    return [f"written: {row.path}" for row in rows if row.path]
