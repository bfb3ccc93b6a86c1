"""The few SVG elements that the plots are made of."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

INK, FAINT, GRID, PAPER = "#1f2933", "#66727f", "#e3e7eb", "#ffffff"
FONT = "system-ui, 'DejaVu Sans', sans-serif"
CHARACTER = 0.64  # mean width of a bold letter, in font sizes: room is planned with it

Point = tuple[float, float]


def element(tag: str, content: str = "", **attributes: object) -> str:
    """Return an element; underscores of attribute names become hyphens, None leaves one out."""
    written = "".join(
        f' {name.rstrip("_").replace("_", "-")}="{escape(_plain(value))}"'
        for name, value in attributes.items()
        if value is not None
    )
    return f"<{tag}{written}>{content}</{tag}>" if content else f"<{tag}{written}/>"


def text(
    x: float,
    y: float,
    content: str,
    *,
    size: float = 12,
    anchor: str = "start",
    fill: str = INK,
    weight: str | None = None,
    turn_deg: float = 0,
) -> str:
    """Return a line of text with its baseline at y, turned round (x, y)."""
    return element(
        "text",
        escape(content),
        x=x,
        y=y,
        font_size=size,
        text_anchor=anchor,
        fill=fill,
        font_weight=weight,
        transform=f"rotate({turn_deg:g} {x:g} {y:g})" if turn_deg else None,
    )


def text_width(content: str, size: float) -> float:
    """Return about how wide a line of text is."""
    return CHARACTER * size * len(content)


def line(a: Point, b: Point, *, stroke: str = GRID, width: float = 1) -> str:
    """Return a straight line."""
    return element("line", x1=a[0], y1=a[1], x2=b[0], y2=b[1], stroke=stroke, stroke_width=width)


def polyline(
    points: Sequence[Point], *, stroke: str, width: float = 2, dashes: str | None = None
) -> str:
    """Return an open line through points."""
    return element(
        "polyline",
        points=" ".join(f"{x:.1f},{y:.1f}" for x, y in points),
        fill="none",
        stroke=stroke,
        stroke_width=width,
        stroke_dasharray=dashes,
        stroke_linejoin="round",
    )


def rectangle(x: float, y: float, width: float, height: float, *, fill: str) -> str:
    """Return a filled rectangle."""
    return element("rect", x=x, y=y, width=width, height=height, fill=fill)


def drawing(width: float, height: float, parts: Iterable[str], *, title: str) -> str:
    """Return a whole SVG picture, usable inside HTML and as a file."""
    return element(
        "svg",
        element("title", escape(title))
        + rectangle(0, 0, width, height, fill=PAPER)
        + "".join(parts),
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {width:g} {height:g}",
        width=width,
        height=height,
        role="img",
        font_family=FONT,
    )


def _plain(value: object) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)
