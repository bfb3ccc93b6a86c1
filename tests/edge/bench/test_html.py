"""The page needs nothing but itself; in a browser, if there is one, it loads without complaint."""

from __future__ import annotations

import re

import pytest

from edge.bench.render.html import to_html
from edge.bench.report import Report
from tests.edge.bench.planted import float_and_int8, row, run


@pytest.fixture(scope="module")
def report():
    pi5 = run(*float_and_int8(), invalid=("throttled during the run",))
    return to_html(Report((pi5, run(row(), board="Raspberry Pi 4"))))


def test_the_page_asks_nobody_for_anything(report):
    assert "<script" not in report
    outside = re.findall(r"""(?:src|href)="(?!data:)([^"]+)""", report)
    assert outside == []
    addresses = set(re.findall(r"https?://[^\"'<\s]+", report))
    assert addresses == {"http://www.w3.org/2000/svg"}  # a name, not a request


def test_names_from_files_are_escaped(report):
    assert "&lt;face&gt;.jpg" in report
    assert "<face>" not in report


def test_the_page_holds_every_part(report):
    for words in ("Raspberry Pi 5", "Raspberry Pi 4", "INVALID", "Boards", "Largest errors"):
        assert words in report
    assert report.count("<svg") == 8  # four plots a run


def test_a_browser_shows_it_without_errors_or_requests(report, page, tmp_path):
    path = tmp_path / "report.html"
    path.write_text(report)
    page.open(path.as_uri())
    page.wait_for("document.querySelectorAll('svg').length == 8")
    page.wait_for("document.readyState == 'complete'")
    assert page.complaints == []
    assert {url for url in page.requests if not url.startswith("data:")} == {path.as_uri()}
