"""How subjects look in every plot: one colour for a network, and what tells precisions apart."""

from __future__ import annotations

from collections.abc import Sequence

from edge.bench.report import Row
from edge.bench.subject import Facts

# Okabe and Ito's colours, which people with any colour vision can tell apart.
PALETTE = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#7a5c99", "#8c6d46")


def colours(rows: Sequence[Row]) -> dict[str, str]:
    """Return a colour for each network, in the order of the rows."""
    networks = dict.fromkeys(row.facts.network for row in rows)
    return {name: PALETTE[i % len(PALETTE)] for i, name in enumerate(networks)}


def dashes(facts: Facts) -> str | None:
    """Return how a line is dashed: whole for INT8, dashed for others of ours."""
    return None if facts.precision == "int8" or facts.kind != "model" else "6 4"


def short_name(facts: Facts) -> str:
    """Return what a plot calls a subject."""
    if facts.kind != "model":
        return facts.name
    precision = "INT8" if facts.precision == "int8" else facts.precision
    runtime = "" if facts.runtime == "LiteRT" else f", {facts.runtime}"
    return f"{facts.network} {precision}{runtime}"


def fewest_threads(rows: Sequence[Row]) -> list[Row]:
    """Return one row for each subject: that with the fewest threads."""
    chosen: dict[str, Row] = {}
    for row in rows:
        known = chosen.get(row.facts.name)
        if known is None or row.facts.threads < known.facts.threads:
            chosen[row.facts.name] = row
    return list(chosen.values())
