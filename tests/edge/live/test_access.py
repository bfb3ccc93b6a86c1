from __future__ import annotations

import re

import pytest

from edge.live.access import Access, parse_address, token_for
from landmarks.errors import UsageError

TOKEN = "a-token-for-tests"


@pytest.mark.parametrize(
    "text, host, port, loopback",
    [
        ("8080", "127.0.0.1", 8080, True),
        ("localhost:1", "localhost", 1, True),
        ("127.0.0.9:80", "127.0.0.9", 80, True),
        ("[::1]:8080", "::1", 8080, True),
        ("0.0.0.0:8080", "0.0.0.0", 8080, False),
        ("[::]:8080", "::", 8080, False),
        ("raspberrypi:8080", "raspberrypi", 8080, False),
    ],
)
def test_an_address_is_read(text, host, port, loopback):
    address = parse_address(text)
    assert (address.host, address.port, address.is_loopback) == (host, port, loopback)


@pytest.mark.parametrize("text", ["", "x", "80:", "1:x", "70000", "-1", "::1:80", "8o80", "²"])
def test_a_bad_address_is_a_usage_error_that_names_it(text):
    with pytest.raises(UsageError, match=re.escape(f"--live {text}: ")):
        parse_address(text)


def test_only_addresses_that_others_reach_need_a_token(monkeypatch):
    monkeypatch.delenv("EDGE_LIVE_TOKEN", raising=False)
    here, everywhere = parse_address("8080"), parse_address("0.0.0.0:8080")
    assert token_for(here, None) is None
    assert token_for(here, TOKEN) == TOKEN
    assert len({token_for(everywhere, None) for _ in range(5)}) == 5
    monkeypatch.setenv("EDGE_LIVE_TOKEN", TOKEN)
    assert token_for(everywhere, None) == token_for(here, None) == TOKEN
    for bad in ("", "short", "with spaces in it", "quoted'and\nbroken"):
        with pytest.raises(UsageError, match="12 or more"):
            token_for(here, bad)
        monkeypatch.setenv("EDGE_LIVE_TOKEN", bad)
        with pytest.raises(UsageError, match="12 or more"):
            token_for(here, None)


@pytest.mark.parametrize(
    "host, ours",
    [
        ("raspberrypi:8080", True),
        ("RaspberryPi.local", True),
        ("localhost:9000", True),
        ("192.168.1.7:8080", True),
        ("[fe80::1]:8080", True),
        ("evil.example:8080", False),
        ("raspberrypi.evil.example", False),
        ("127.0.0.1.evil.example", False),
        ("127.0.0.1:8080, evil.example", False),
        ("", False),
    ],
)
def test_only_names_and_addresses_of_this_machine_are_answered(monkeypatch, host, ours):
    monkeypatch.setattr("socket.gethostname", lambda: "RaspberryPi")
    access = Access.to(parse_address("0.0.0.0:8080"), TOKEN)
    assert (access.refuse_page({"host": host}) is None) == ours
    assert access.refuse_page({"host": host, "origin": "http://evil.example"}) is not None


def test_the_url_for_other_machines_has_this_ones_name_and_the_token(monkeypatch):
    monkeypatch.setattr("socket.gethostname", lambda: "raspberrypi")
    url = parse_address("0.0.0.0:8080").url(8080, TOKEN)
    assert url == f"http://raspberrypi.local:8080/#token={TOKEN}"
    assert parse_address("[::1]:80").url(80, None) == "http://[::1]:80/"
