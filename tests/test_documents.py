"""The documents: a link leads to a file of the repository, an anchor to a heading in it."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
FOLDERS = ("docs", "calib_data", "examples")
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(p for f in FOLDERS for p in (ROOT / f).rglob("*.md"))])
LINK = re.compile(r"\]\((?!https?:)([^)#\s]*)(?:#([^)\s]+))?\)")
CODE = re.compile(r"```.*?```", re.DOTALL)


def anchors(document):
    """Return what a heading is called by who links to it, as GitHub does."""
    headings = re.findall(r"^#+ (.+)$", CODE.sub("", document.read_text()), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_links_of_a_document_lead_somewhere(document):
    broken = []
    for name, anchor in LINK.findall(CODE.sub("", document.read_text())):
        target = (document.parent / name).resolve() if name else document
        if not target.exists() or (anchor and anchor not in anchors(target)):
            broken.append(f"{name}#{anchor}" if anchor else name)
    assert broken == []


def test_a_broken_link_would_be_seen():
    assert LINK.findall("[a](b.md) [c](d.md#e-f) [g](#h) [i](https://j.k)") == [
        ("b.md", ""),
        ("d.md", "e-f"),
        ("", "h"),
    ]
