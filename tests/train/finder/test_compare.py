import json

from command_line.command import run_command
from train.__main__ import main


def test_finders_are_compared_on_pictures_with_labels(draw_faces, tmp_path, capsys):
    folder = draw_faces(tmp_path / "faces", 3)
    empty = ["--empty", str(folder)]
    assert run_command(main, ["finders", "haar", "--data", str(folder), *empty, "--json"]) == 0
    row = json.loads(capsys.readouterr().out)
    groups = row["groups"]
    (found,) = [group["found"] for title, group in groups.items() if title == "all"] or [
        group["found"] for group in groups.values()
    ]
    assert (row["finder"], found["frames"], found["faces"]) == ("haar", 3, 3)
    assert row["find_ms"] > 0
    assert found["recall"] == 0, "dots are no face for the cascade"
    assert (row["empty_frames"], row["faces_in_20_empty_frames"]) == (3, 0.0)


def test_an_unknown_finder_is_refused(tmp_path, draw_faces, capsys):
    folder = draw_faces(tmp_path / "faces", 1)
    assert run_command(main, ["finders", "hare", "--data", str(folder)]) == 2
    assert "expected own, own:FILE, haar or yunet:FILE" in capsys.readouterr().err
