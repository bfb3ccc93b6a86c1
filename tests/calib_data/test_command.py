from __future__ import annotations

import pytest

from calib_data.__main__ import main
from command_line.command import run_command


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("faces", "--n", "0", "--out", "{tmp}/a"), 2),
        (("faces", "--n", "1", "--sampler", "{tmp}/none.npz", "--out", "{tmp}/a"), 3),
        (("fit", "--data", "{tmp}", "--out", "{tmp}/s.npz"), 3),
        (("clip", "--out", "{tmp}/clip.avi"), 2),
    ],
)
def test_bad_request_gives_one_line_and_the_right_code(arguments, code, tmp_path, capsys):
    assert run_command(main, [word.format(tmp=tmp_path) for word in arguments]) == code
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.count("\n") == 1


def test_faces_are_written_once_and_replaced_only_with_force(tmp_path, capsys):
    arguments = ["faces", "--n", "1", "--seed", "1", "--out", str(tmp_path / "faces")]
    assert run_command(main, arguments) == 0
    names = sorted(path.name for path in (tmp_path / "faces").iterdir())
    assert names == ["face_000.jpg", "face_000.pts"]
    assert run_command(main, arguments) == 2
    assert "--force" in capsys.readouterr().err
    assert run_command(main, [*arguments, "--force"]) == 0
