"""The packages and their imports, drawn into ``docs/design.md`` from the source files.

::

    python -m tests.draw_imports

For the whole project, and for each package that has an order inside (``tests.import_order``), it
writes a Mermaid graph and a table. An arrow leads to what is imported; one that follows from others
is left out of the graph. The table has all imports, and the first line of each docstring.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from pathlib import Path

from landmarks.files import atomic_write
from tests.import_order import (
    CHECKOUT,
    INSIDE,
    PACKAGES,
    ROOT_MODULE,
    imports,
    modules,
    name_of,
    part_of,
)

DOCUMENT = CHECKOUT / "docs" / "design.md"
BEGIN, END = "<!-- python -m tests.draw_imports writes from here -->", "<!-- to here -->"

Imports = Mapping[str, set[str]]  # from a name to the names that it imports


def with_drawing(text: str, drawn: str) -> str:
    """Return a document's text with the part between the marks replaced."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n\n{drawn}\n\n{END}{after}"


def drawing() -> str:
    """Return graphs and tables of the source as it is now, as Markdown."""
    sections = [_section("package", CHECKOUT, PACKAGES, _between_packages())]
    sections += [
        f"Inside `{package}/`:\n\n"
        + _section("folder or module", CHECKOUT / package, parts, _between_parts(package))
        for package, parts in INSIDE.items()
    ]
    return "\n\n".join(sections)


def _between_packages() -> Imports:
    found: dict[str, set[str]] = {package: set() for package in PACKAGES}
    for path in modules():
        own = name_of(path).split("/")[0]
        found[own] |= {full.split(".")[0] for full in imports(path)} & set(PACKAGES) - {own}
    return found


def _between_parts(package: str) -> Imports:
    found: dict[str, set[str]] = {part: set() for part in (ROOT_MODULE, *INSIDE[package])}
    for path in modules():
        if not path.is_relative_to(CHECKOUT / package):
            continue
        own = part_of(name_of(path))
        for full in imports(path):
            top, _, rest = full.partition(".")
            if top == package and (part := rest.split(".")[0]) != own:
                found[own].add(part)
    return found


def _section(title: str, folder: Path, order: Sequence[str], found: Imports) -> str:
    """Return graph and table of names that are in order from the bottom up."""
    rows = [f"| {title} | what it is | imports |", "|---|---|---|"]
    for name in reversed(order):
        path = folder / name
        shown = f"{name}/" if path.is_dir() else name
        below = ", ".join(f"`{other}`" for other in reversed(order) if other in found[name])
        rows.append(f"| `{shown}` | {_first_line(path)} | {below} |")
    return "\n".join([*_graph(order, found), "", *rows])


def _graph(order: Sequence[str], found: Imports) -> list[str]:
    reached: dict[str, set[str]] = {}  # from a name to all names below it
    for name in order:
        reached[name] = found[name].union(*(reached.get(other, set()) for other in found[name]))
    arrows = [
        f"    {name} --> {other}"
        for name in reversed(order)
        for other in reversed(order)
        if other in found[name] and not any(other in reached[third] for third in found[name])
    ]
    alone = [f"    {name}" for name in order if not any(name in arrow.split() for arrow in arrows)]
    return ["```mermaid", "graph TD", *arrows, *alone, "```"]


def _first_line(path: Path) -> str:
    """Return the first line of the docstring of a folder or module, as Markdown."""
    source = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    text = ast.get_docstring(ast.parse(source.read_text(encoding="utf-8"))) or ""
    return text.partition("\n")[0].removesuffix(".").replace("``", "`").replace("|", "\\|")


def main() -> None:
    """Draw anew."""
    text = with_drawing(DOCUMENT.read_text(encoding="utf-8"), drawing())
    with atomic_write(DOCUMENT, force=True) as temporary:
        temporary.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
