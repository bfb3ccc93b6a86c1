"""Cumulative error curves: the share of faces up to each error."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from edge.bench.plots.axis import Axis
from edge.bench.plots.grid import grid
from edge.bench.plots.look import colours, dashes, fewest_threads, short_name
from edge.bench.plots.svg import drawing, polyline, text
from edge.bench.report import Row
from landmarks.metrics import cumulative_error

WIDTH, HEIGHT = 860.0, 420.0
LEFT, RIGHT, TOP, BOTTOM = 64.0, 320.0, 44.0, 56.0
LIMIT_PERCENT, STEPS = 10.0, 250


def ced_plot(rows: Sequence[Row], *, title: str) -> str | None:
    """Return the curves of all subjects with errors, best first; None if there is none."""
    shown = sorted(
        (row for row in fewest_threads(rows) if row.accuracy.errors_percent),
        key=lambda row: row.accuracy.nme_percent or 0.0,
    )
    if not shown:
        return None
    x = Axis(0, LIMIT_PERCENT, LEFT, WIDTH - RIGHT)
    y = Axis(0, 100, HEIGHT - BOTTOM, TOP)
    colour = colours(rows)
    lines = grid(x, y, x_caption="NME of a face, %", y_caption="faces up to this error, %")
    parts = [text(LEFT, 24, title, size=15, weight="600"), *lines]
    thresholds = np.linspace(0.0, LIMIT_PERCENT, STEPS + 1)
    for place, row in enumerate(shown):
        shares = 100 * cumulative_error(np.array(row.accuracy.errors_percent), thresholds)
        curve = [(x.px(t), y.px(s)) for t, s in zip(thresholds, shares.tolist(), strict=True)]
        look = colour[row.facts.network]
        parts.append(polyline(curve, stroke=look, dashes=dashes(row.facts)))
        at_y = TOP + 12 + 24 * place
        key = [(WIDTH - RIGHT + 20, at_y), (WIDTH - RIGHT + 48, at_y)]
        parts.append(polyline(key, stroke=look, width=2.5, dashes=dashes(row.facts)))
        name = f"{short_name(row.facts)}: {row.accuracy.nme_percent:.2f} %"
        parts.append(text(WIDTH - RIGHT + 56, at_y + 4, name))
    return drawing(WIDTH, HEIGHT, parts, title=title)
