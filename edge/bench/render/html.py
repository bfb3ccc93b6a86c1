"""A report as one HTML page that needs nothing else: no script, no request, plots inside."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from importlib.resources import files
from string import Template

from edge.bench.plots.ced import ced_plot
from edge.bench.plots.pareto import pareto_plot
from edge.bench.plots.stages import stage_plot
from edge.bench.probes import FACE, FACE_STAGES, FRAME, FRAME_STAGES
from edge.bench.render.across import boards, instructions, published
from edge.bench.render.tables import Table, tables
from edge.bench.render.words import subtitle, trust
from edge.bench.report import Report, Run, WorstFace
from edge.bench.verdict import verdicts


def to_html(report: Report) -> str:
    """Return the text of ``report.html``."""
    blocks = []
    if len(report.runs) > 1:
        blocks.append(_table(boards(report)))
    blocks += [_run(run) for run in report.runs]
    if report.instructions:
        blocks += [_table(instructions(report)), _table(published())]
    page = Template(files("edge.bench.render").joinpath("page.html").read_text(encoding="utf-8"))
    names = ", ".join(dict.fromkeys(run.name for run in report.runs))
    return page.substitute(title=escape(names), body="\n".join(blocks))


def _run(run: Run) -> str:
    first, *others = tables(run)
    blocks = [
        f"<h2>{escape(run.name)}</h2>",
        f'<p class="subtitle">{escape(subtitle(run))}</p>',
        _list("doubts", trust(run)),
        _list("verdicts", verdicts(run)),
        _figure(pareto_plot(run.rows, title="Latency against error")),
        _table(first),
        _figure(
            stage_plot(
                [(row, row.frame) for row in run.rows if row.frame],
                FRAME_STAGES,
                FRAME,
                "A whole frame of edge-run, one face followed",
            )
        ),
        _figure(
            stage_plot(
                [(row, row.face) for row in run.rows], FACE_STAGES, FACE, "A face in a given box"
            )
        ),
        _figure(ced_plot(run.rows, title="Share of faces up to each error")),
        *(_table(table) for table in others),
        _worst(run.worst_of, run.worst),
    ]
    return "\n".join(filter(None, blocks))


def _list(kind: str, lines: Sequence[str]) -> str:
    if not lines:
        return ""
    items = "".join(f"<li>{escape(line)}</li>" for line in lines)
    return f'<ul class="{kind}">{items}</ul>'


def _figure(svg: str | None) -> str:
    return f"<figure>{svg}</figure>" if svg else ""


def _table(table: Table) -> str:
    header = "".join(f"<th>{escape(cell)}</th>" for cell in table.header)
    rows = "".join(
        "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in table.rows
    )
    note = f'<p class="note">{escape(table.note)}</p>' if table.note else ""
    kind = "words" if table.words else "figures"
    return (
        f'<h3>{escape(table.title)}</h3><div class="{kind}"><table><thead><tr>{header}</tr></thead>'
        f"<tbody>{rows}</tbody></table></div>{note}"
    )


def _worst(name: str, worst: Sequence[WorstFace]) -> str:
    if not worst:
        return ""
    figures = "".join(
        "<figure>"
        + (
            f'<img alt="{escape(face.name)}" src="data:image/jpeg;base64,{face.jpeg_base64}">'
            if face.jpeg_base64
            else ""
        )
        + f"<figcaption>{escape(face.name)}<br>{face.nme_percent:.2f} %</figcaption></figure>"
        for face in worst
    )
    return (
        f"<h3>Largest errors of {escape(name)}</h3>"
        f'<div class="faces">{figures}</div><p class="note">White: labels. Green: its answer.</p>'
    )
