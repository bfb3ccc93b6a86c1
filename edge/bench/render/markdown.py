"""A report as Markdown."""

from __future__ import annotations

from edge.bench.render.across import boards, instructions, published
from edge.bench.render.tables import Table, tables
from edge.bench.render.words import subtitle, trust
from edge.bench.report import Report, Run
from edge.bench.verdict import verdicts


def to_markdown(report: Report) -> str:
    """Return the text of ``report.md``."""
    blocks = ["# edge-bench: latency against NME"]
    if len(report.runs) > 1:
        blocks.append(_table(boards(report)))
    blocks += [_run(run) for run in report.runs]
    if report.instructions:
        blocks += [_table(instructions(report)), _table(published())]
    return "\n\n".join(blocks) + "\n"


def _run(run: Run) -> str:
    blocks = [f"## {run.name}", subtitle(run)]
    points = [f"* {line}" for line in (*trust(run), *verdicts(run))]
    blocks.append("\n".join(points))
    blocks += [_table(table) for table in tables(run)]
    if run.worst:
        worst = ", ".join(f"{face.name} {face.nme_percent:.2f} %" for face in run.worst)
        blocks.append(f"### Largest errors of {run.worst_of}\n\n{worst}")
    return "\n\n".join(block for block in blocks if block)


def _table(table: Table) -> str:
    lines = [f"### {table.title}", ""]
    lines.append(_line(table.header))
    lines.append(_line(tuple("---" for _ in table.header)))
    lines += [_line(row) for row in table.rows]
    if table.note:
        lines += ["", table.note]
    return "\n".join(lines)


def _line(cells: tuple[str, ...]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
