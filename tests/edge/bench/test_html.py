"""The page needs nothing but itself; in a browser, if there is one, it loads without complaint."""

from __future__ import annotations

import re
import shutil

import pytest

from edge.bench.render.html import to_html
from edge.bench.report import Report
from tests.edge.bench.planted import float_and_int8, row, run

BROWSERS = ("chromium", "chromium-browser", "google-chrome")


@pytest.fixture(scope="module")
def page():
    pi5 = run(*float_and_int8(), invalid=("throttled during the run",))
    return to_html(Report((pi5, run(row(), board="Raspberry Pi 4"))))


def test_the_page_asks_nobody_for_anything(page):
    assert "<script" not in page
    outside = re.findall(r"""(?:src|href)="(?!data:)([^"]+)""", page)
    assert outside == []
    addresses = set(re.findall(r"https?://[^\"'<\s]+", page))
    assert addresses == {"http://www.w3.org/2000/svg"}  # a name, not a request


def test_names_from_files_are_escaped(page):
    assert "&lt;face&gt;.jpg" in page
    assert "<face>" not in page


def test_the_page_holds_every_part(page):
    for words in ("Raspberry Pi 5", "Raspberry Pi 4", "INVALID", "Boards", "Largest errors"):
        assert words in page
    assert page.count("<svg") == 8  # four plots a run


def test_a_browser_shows_it_without_errors_or_requests(page, tmp_path):
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        pytest.skip(f"no browser here ({', '.join(BROWSERS)})")
    path = tmp_path / "report.html"
    path.write_text(page)
    complaints, requests = [], []
    with playwright.sync_playwright() as driver:
        window = driver.chromium.launch(executable_path=browser, args=["--no-sandbox"])
        tab = window.new_page()
        tab.on("console", lambda message: complaints.append(message.text))
        tab.on("pageerror", lambda error: complaints.append(str(error)))
        tab.on("request", lambda request: requests.append(request.url))
        tab.goto(path.as_uri())
        drawn = tab.locator("svg").count()
        window.close()
    assert complaints == []
    assert [url for url in requests if not url.startswith("data:")] == [path.as_uri()]
    assert drawn == 8
