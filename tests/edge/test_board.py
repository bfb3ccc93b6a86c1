from __future__ import annotations

import json

from edge.board import describe_board
from edge.doctor import main as doctor


def test_the_doctor_finds_this_machine_fit(capsys):
    assert doctor([]) == 0
    text = capsys.readouterr().out
    assert "asmpip-144-int8.tflite" in text
    assert doctor(["--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert {finding["state"] for finding in report["findings"] if finding["needed"]} == {"ok"}


def test_the_board_says_what_it_does_not_know():
    board = describe_board()
    assert board["cores"] >= 1
    assert "numpy" in board["versions"]
