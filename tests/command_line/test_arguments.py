from __future__ import annotations

import argparse

import pytest

from command_line.arguments import at_least, percent, positive


def parsed(kind, text):
    parser = argparse.ArgumentParser()
    parser.add_argument("--x", type=kind)
    return parser.parse_args([f"--x={text}"]).x


def test_numbers_are_read():
    assert parsed(positive(int), "3") == 3
    assert parsed(positive(float), "2e-4") == 2e-4
    assert parsed(at_least(0), "0") == 0
    assert parsed(at_least(0.0), "0") == 0.0
    assert parsed(percent, "100") == 100.0


@pytest.mark.parametrize(
    ("kind", "text", "message"),
    [
        (positive(int), "0", "must be above 0, received 0"),
        (positive(float), "-1.5", "must be above 0, received -1.5"),
        (positive(int), "many", "invalid positive number value: 'many'"),
        (positive(float), "nan", "must be above 0, received nan"),
        (positive(float), "inf", "must be above 0, received inf"),
        (positive(int), "9" * 20, "must be above 0, received 9999"),
        (positive(int, 1024), "100000", "must be above 0, up to 1024, received 100000"),
        (at_least(1), "9" * 20, "must be 1 or more, received 9999"),
        (at_least(1, 256), "257", "must be 1 or more, up to 256, received 257"),
        (at_least(1), "9" * 5000, "invalid whole number value: '9999"),
        (at_least(2), "1", "must be 2 or more, received 1"),
        (at_least(2), "1.5", "invalid whole number value: '1.5'"),
        (at_least(0.0), "-0.1", "must be 0.0 or more, received -0.1"),
        (at_least(0.0), "nan", "must be 0.0 or more, received nan"),
        (at_least(0.0), "much", "invalid number value: 'much'"),
        (percent, "0", "must be above 0 and up to 100, received 0"),
        (percent, "101", "must be above 0 and up to 100, received 101"),
        (percent, "most", "invalid percent value: 'most'"),
    ],
)
def test_a_wrong_number_is_said_in_one_line(kind, text, message, capsys):
    with pytest.raises(SystemExit) as ended:
        parsed(kind, text)
    assert ended.value.code == 2
    assert message in capsys.readouterr().err
