"""Where the time goes: one bar a subject, its stages one after the other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from edge.bench.plots.axis import Axis
from edge.bench.plots.look import short_name
from edge.bench.plots.svg import FAINT, drawing, line, rectangle, text, text_width
from edge.bench.report import Row
from edge.bench.statistics import Latency

WIDTH, BAR, GAP = 860.0, 22.0, 10.0
LEFT, RIGHT, TOP, BOTTOM = 250.0, 70.0, 72.0, 44.0
COLOURS = {
    "capture": "#9aa5b1",
    "find": "#e69f00",
    "crop": "#56b4e9",
    "infer": "#0072b2",
    "decode": "#009e73",
    "emit": "#cc79a7",
}


def stage_plot(
    bars: Sequence[tuple[Row, Mapping[str, Latency]]], stages: Sequence[str], whole: str, title: str
) -> str | None:
    """Return the bars of subjects, or None if there is none.

    Means are shown, because they add up; a stage that runs now and then counts with its share of
    all samples.

    Args:
        bars: a row, and the latencies to show of it.
        stages: from left to right.
        whole: the entry that holds the number of samples.
        title: above the plot.
    """
    if not bars:
        return None
    means = [{s: share_ms(values, s, whole) for s in stages} for _, values in bars]
    height = TOP + len(bars) * (BAR + GAP) + BOTTOM
    axis = Axis(0, max(sum(mean.values()) for mean in means) * 1.02, LEFT, WIDTH - RIGHT)
    bottom = height - BOTTOM
    parts = [text(16, 24, title, size=15, weight="600"), *_legend(stages)]
    for value in axis.ticks():
        parts.append(line((axis.px(value), TOP - 6), (axis.px(value), bottom)))
        parts.append(text(axis.px(value), bottom + 16, f"{value:g}", anchor="middle", fill=FAINT))
    parts.append(text((LEFT + WIDTH - RIGHT) / 2, height - 8, "mean ms", anchor="middle"))
    for place, ((row, _), mean) in enumerate(zip(bars, means, strict=True)):
        y, at = TOP + place * (BAR + GAP), 0.0
        name = f"{short_name(row.facts)}, {row.facts.threads}t"
        parts.append(text(LEFT - 10, y + BAR - 6, name, anchor="end"))
        for stage in stages:
            x = axis.px(at)
            at += mean[stage]
            parts.append(rectangle(x, y, axis.px(at) - x, BAR, fill=COLOURS[stage]))
        parts.append(text(axis.px(at) + 6, y + BAR - 6, f"{at:.2f}", fill=FAINT))
    return drawing(WIDTH, height, parts, title=title)


def share_ms(values: Mapping[str, Latency], stage: str, whole: str) -> float:
    """Return what a stage adds to the mean of the whole, milliseconds."""
    if stage not in values:
        return 0.0
    return values[stage].mean_ms * values[stage].n / values[whole].n


def _legend(stages: Sequence[str]) -> list[str]:
    parts, x = [], 16.0
    for stage in stages:
        parts.append(rectangle(x, 38, 12, 12, fill=COLOURS[stage]))
        parts.append(text(x + 17, 48, stage))
        x += 17 + text_width(stage, 12) + 18
    return parts
