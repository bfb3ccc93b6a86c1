import json

from command_line.command import run_command
from train.__main__ import main


def test_finders_are_compared_on_pictures_with_labels(draw_faces, tmp_path, capsys):
    folder = draw_faces(tmp_path / "faces", 3)
    assert run_command(main, ["finders", "haar", "--data", str(folder), "--json"]) == 0
    row = json.loads(capsys.readouterr().out)
    assert (row["finder"], row["frames"], row["faces"]) == ("haar", 3, 3)
    assert row["find_ms"] > 0
    assert row["recall"] == 0, "dots are no face for the cascade"


def test_an_unknown_finder_is_refused(tmp_path, draw_faces, capsys):
    folder = draw_faces(tmp_path / "faces", 1)
    assert run_command(main, ["finders", "hare", "--data", str(folder)]) == 2
    assert "expected own, own:FILE, haar or yunet:FILE" in capsys.readouterr().err
