import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landmarks.shown import one_line, printable, shown, without_passwords


@given(st.text())
def test_a_line_has_no_control_characters_and_can_be_encoded(text):
    line = one_line(text)
    line.encode()
    assert not [c for c in line if unicodedata.category(c) in ("Cc", "Zl", "Zp", "Cs")]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a\x1b[31mb", "a\\x1b[31mb"),
        ("one\ntwo\r", "one\\ntwo\\r"),
        ("\u202egnp.jpg", "\\u202egnp.jpg"),
        ("caf\udce9.jpg", "caf\\udce9.jpg"),
        ("Gesicht ü 顔.jpg", "Gesicht ü 顔.jpg"),
    ],
)
def test_what_a_terminal_would_obey_is_spelled_out(text, line):
    assert one_line(text) == line


def test_text_of_several_lines_keeps_them():
    assert printable("a\n\tb\x1b]0;t\x07") == "a\n\tb\\x1b]0;t\\x07"


@pytest.mark.parametrize(
    "value",
    [
        10**5000,
        -(16**5000),
        [10**5000],
        "x" * 10**6,
        {"a": {"b": {"c": [1]}}},
        "a\nb",
        b"\x1b",
        None,
    ],
    ids=["long", "negative", "inside", "text", "nested", "two_lines", "bytes", "none"],
)
def test_any_value_is_one_short_line(value):
    assert len(shown(value)) < 200
    assert "\n" not in shown(value)


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("rtsp://pi:secret@cam/1", "rtsp://pi:***@cam/1"),
        ("rtsp://:secret@cam", "rtsp://:***@cam"),
        ("error: 'http://pi:sec@ret/x@cam:80/a': no", "error: 'http://pi:***@cam:80/a': no"),
        ("--mqtt pi:secret@broker/t: expected", "--mqtt pi:***@broker/t: expected"),
        ("--mqtt=pi:1883@broker", "--mqtt=pi:***@broker"),
        ("http://cam/v?user=pi&PWD=secret&x=1", "http://cam/v?user=pi&PWD=***&x=1"),
    ],
)
def test_passwords_of_addresses_are_hidden(text, hidden):
    assert without_passwords(text) == hidden


@pytest.mark.parametrize(
    "text",
    [
        "rtsp://cam:554/1: cannot be opened",
        "rtsp://pi@cam/1",
        "broker:1883/a@b: unreachable",
        "error: a:b, mail me@home",
        "live: http://pi.local:8080/#token=Zm9vYmFyYmF6cXV4",
        "",
    ],
)
def test_what_is_no_password_stays(text):
    assert without_passwords(text) == text
