from __future__ import annotations

import sys

import pytest

from edge.live import LivePage, open_live
from landmarks.errors import LandmarkError, MissingExtraError


def test_a_taken_port_and_a_foreign_address_are_one_line():
    pytest.importorskip("websockets", reason="needs edge-landmarks[live]")
    with open_live(LivePage("0")) as sink:
        port = sink.url.split(":")[2].strip("/")
        with pytest.raises(LandmarkError, match=f"127.0.0.1:{port}: cannot listen there"):
            open_live(LivePage(port)).__enter__()
    with pytest.raises(LandmarkError, match="cannot listen there"):
        open_live(LivePage("192.0.2.1:0")).__enter__()


def test_what_fails_in_the_servers_thread_is_raised_where_it_was_started(monkeypatch):
    pytest.importorskip("websockets", reason="needs edge-landmarks[live]")

    def fail():
        raise OSError("no more connections")

    monkeypatch.setattr("edge.live.server.visitors", fail)
    with pytest.raises(OSError, match="no more connections"):
        open_live(LivePage("0")).__enter__()


def test_a_missing_library_names_what_to_install(monkeypatch):
    monkeypatch.delitem(sys.modules, "edge.live.server", raising=False)
    monkeypatch.setitem(sys.modules, "websockets", None)
    for name in [name for name in sys.modules if name.startswith("websockets.")]:
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(MissingExtraError, match=r"edge-landmarks\[live\]"):
        open_live(LivePage("0")).__enter__()
