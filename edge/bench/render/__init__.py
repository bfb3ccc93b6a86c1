"""A report as files for people: ``report.md``, ``report.csv``, ``report.html`` and its plots."""

from __future__ import annotations

from pathlib import Path

from edge.bench.render.html import to_html
from edge.bench.render.markdown import to_markdown
from edge.bench.render.rows import to_csv
from edge.bench.report import Report
from landmarks.files import atomic_write, refuse_overwrite

NAMES = ("report.json", "report.md", "report.csv", "report.html")


def refuse_report(folder: Path, *, force: bool) -> None:
    """Raise OutputExistsError if a folder holds a report and ``force`` is not set."""
    for name in NAMES:
        refuse_overwrite(folder / name, force=force)


def write_report(report: Report, folder: Path, *, force: bool) -> None:
    """Write a report in all its forms.

    Raises:
        OutputExistsError: one exists and ``force`` is not set.
    """
    refuse_report(folder, force=force)
    texts = (report.to_json(), to_markdown(report), to_csv(report), to_html(report))
    for name, text in zip(NAMES, texts, strict=True):
        with atomic_write(folder / name, force=force) as temporary:
            temporary.write_text(text, encoding="utf-8")
