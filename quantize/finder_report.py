"""What the quantization of a finder cost and gained: one row a graph, as a table and as JSON."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from quantize.row import Row
from train.finder.score import FinderScore

SCHEMA_VERSION = 1


@dataclass(frozen=True)
class FinderReport:
    """The rows of a run; the first is the float32 network."""

    rows: tuple[Row[FinderScore], ...]

    def to_dict(self) -> dict[str, Any]:
        """Return JSON types; of a path, the name."""
        return {
            "schema_version": SCHEMA_VERSION,
            "rows": [
                {
                    "name": row.name,
                    "format": row.format,
                    "bytes": row.bytes,
                    "score": asdict(row.score),
                    "latency_ms": row.latency_ms[1],
                    "delegation": asdict(row.delegation) if row.delegation else None,
                    "path": row.path.name if row.path else None,
                }
                for row in self.rows
            ],
        }

    def render(self) -> str:
        """Return the rows as a table, with what XNNPACK takes of the INT8 graph."""
        first = self.rows[0].score
        lines = [
            f"{first.faces} labelled faces in {first.frames} frames; a hit has an IoU of 0.5 or "
            "more",
            f"{'':<17}{'format':<7}{'kB':>7}{'ms, 1 thr.':>12}{'recall':>9}{'median IoU':>12}"
            f"{'false in 20':>13}",
        ]
        for row in self.rows:
            score = row.score
            lines.append(
                f"{row.name:<17}{row.format:<7}{row.bytes / 1e3:>7.0f}{row.latency_ms[1]:>12.2f}"
                f"{score.recall:>9.4f}{score.median_iou:>12.3f}{score.false_per_20:>13.2f}"
            )
        lines += [
            f"{row.name}: {row.delegation.summary()}" for row in self.rows[1:] if row.delegation
        ]
        return "\n".join([*lines, *(f"written: {row.path}" for row in self.rows if row.path)])
