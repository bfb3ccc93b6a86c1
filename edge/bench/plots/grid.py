"""The grid behind a plot: lines at round values, their numbers, and what the axes show."""

from __future__ import annotations

from edge.bench.plots.axis import Axis
from edge.bench.plots.svg import FAINT, line, text

CAPTION_BELOW_PX, CAPTION_AT_PX = 42.0, 20.0


def grid(x: Axis, y: Axis, *, x_caption: str, y_caption: str) -> list[str]:
    """Return the SVG elements of a grid over the whole of both axes."""
    left, right, bottom, top = x.start_px, x.end_px, y.start_px, y.end_px
    parts = []
    for value in x.ticks():
        parts.append(line((x.px(value), top), (x.px(value), bottom)))
        parts.append(text(x.px(value), bottom + 18, f"{value:g}", anchor="middle", fill=FAINT))
    for value in y.ticks():
        parts.append(line((left, y.px(value)), (right, y.px(value))))
        parts.append(text(left - 8, y.px(value) + 4, f"{value:g}", anchor="end", fill=FAINT))
    below, beside = (left + right) / 2, (top + bottom) / 2
    parts.append(text(below, bottom + CAPTION_BELOW_PX, _named(x, x_caption), anchor="middle"))
    parts.append(text(CAPTION_AT_PX, beside, _named(y, y_caption), anchor="middle", turn_deg=-90))
    return parts


def _named(axis: Axis, caption: str) -> str:
    return f"{caption} (logarithmic)" if axis.log else caption
