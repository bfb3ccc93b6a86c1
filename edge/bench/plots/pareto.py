"""Latency against error: what each subject costs, and which ones no other beats in both."""

from __future__ import annotations

from collections.abc import Sequence

from edge.bench.plots.axis import Axis, axis_for
from edge.bench.plots.grid import grid
from edge.bench.plots.labels import Area, Placed, place_labels
from edge.bench.plots.look import colours, fewest_threads, short_name
from edge.bench.plots.svg import (
    FAINT,
    INK,
    PAPER,
    Point,
    drawing,
    element,
    line,
    polyline,
    text,
    text_width,
)
from edge.bench.probes import FACE
from edge.bench.report import Row

WIDTH, HEIGHT = 860.0, 520.0
LEFT, RIGHT, TOP, BOTTOM = 64.0, 24.0, 44.0, 56.0
LABEL_SIZE = 13.0
FRONT = "#b4c0ca"
KEY = "circles: ours, hollow float32, filled INT8; diamonds: peers; dashed: nothing beats these"


def pareto_plot(rows: Sequence[Row], *, title: str) -> str | None:
    """Return the plot of all subjects with an error, or None if there is none.

    Across: median time of a face in a given box; up: NME; float and INT8 of a network in one
    runtime are joined by a line, and a step line joins those that no other beats in both.
    """
    shown = [row for row in fewest_threads(rows) if _error(row) > 0]
    if not shown:
        return None
    x = axis_for([_time(row) for row in shown], LEFT, WIDTH - RIGHT)
    y = axis_for([_error(row) for row in shown], HEIGHT - BOTTOM, TOP)
    at = {row.facts.key: (x.px(_time(row)), y.px(_error(row))) for row in shown}
    colour = colours(rows)
    within = Area(LEFT, TOP, WIDTH - RIGHT, HEIGHT - BOTTOM)
    sizes = [(text_width(short_name(row.facts), LABEL_SIZE), LABEL_SIZE + 2) for row in shown]
    pairs = precision_pairs(shown)
    joins = [(at[a.facts.key], at[b.facts.key]) for a, b in pairs]
    front = _front(shown, x, y)
    labels = place_labels(
        [at[row.facts.key] for row in shown],
        sizes,
        within,
        [*joins, *zip(front, front[1:], strict=False)],
    )
    caption = "median ms for one face: crop, network, decode"
    lines = grid(x, y, x_caption=caption, y_caption="NME, %")
    parts = [text(LEFT, 24, title, size=15, weight="600"), *lines]
    parts.append(text(WIDTH - RIGHT, 24, KEY, anchor="end", fill=FAINT))
    parts.append(polyline(front, stroke=FRONT, width=2, dashes="3 4"))
    parts += [
        polyline(join, stroke=colour[a.facts.network], width=2.5)
        for (a, _), join in zip(pairs, joins, strict=True)
    ]
    for row, label in zip(shown, labels, strict=True):
        point = at[row.facts.key]
        parts += [_leader(point, label), _marker(row, point, colour[row.facts.network])]
        parts.append(_label(row, label))
    return drawing(WIDTH, HEIGHT, parts, title=title)


def pareto_front(rows: Sequence[Row]) -> list[Row]:
    """Return the rows that no other beats or equals in both time and error, fastest first."""
    front: list[Row] = []
    for row in sorted(rows, key=lambda row: (_time(row), _error(row))):
        if not front or _error(row) < _error(front[-1]):
            front.append(row)
    return front


def precision_pairs(rows: Sequence[Row]) -> list[tuple[Row, Row]]:
    """Return float32 of our networks with INT8 of the same network and runtime."""
    return [
        (a, b)
        for a in rows
        for b in rows
        if (a.facts.precision, b.facts.precision) == ("float32", "int8")
        and (a.facts.network, a.facts.runtime) == (b.facts.network, b.facts.runtime)
    ]


def _time(row: Row) -> float:
    return row.face[FACE].p50_ms


def _error(row: Row) -> float:
    return row.accuracy.nme_percent or 0.0


def _front(rows: Sequence[Row], x: Axis, y: Axis) -> list[Point]:
    """Return the corners of the step line under which no subject lies."""
    front = pareto_front(rows)
    points: list[Point] = [(x.px(_time(front[0])), TOP)]
    for row in front:
        points += [(x.px(_time(row)), points[-1][1]), (x.px(_time(row)), y.px(_error(row)))]
    return [*points, (WIDTH - RIGHT, points[-1][1])]


def _marker(row: Row, at: Point, colour: str) -> str:
    x, y = at
    fill = PAPER if row.facts.kind == "model" and row.facts.precision == "float32" else colour
    if row.facts.kind == "model":
        return element("circle", cx=x, cy=y, r=6.5, fill=fill, stroke=colour, stroke_width=2.5)
    corners = f"{x:.1f},{y - 7:.1f} {x + 7:.1f},{y:.1f} {x:.1f},{y + 7:.1f} {x - 7:.1f},{y:.1f}"
    return element("polygon", points=corners, fill=fill)


def _leader(point: Point, label: Placed) -> str:
    """Return a thin line to a label that does not lie beside its point."""
    if abs(label.anchor[0] - point[0]) + abs(label.anchor[1] - point[1]) < 18:
        return ""
    return line(point, label.anchor, stroke=FAINT, width=0.8)


def _label(row: Row, label: Placed) -> str:
    middle, baseline = (label.area.x0 + label.area.x1) / 2, label.area.y1 - 4
    weight = "600" if row.facts.kind == "model" else None
    return text(
        middle,
        baseline,
        short_name(row.facts),
        size=LABEL_SIZE,
        anchor="middle",
        weight=weight,
        fill=INK,
    )
