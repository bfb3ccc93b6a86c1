"""Real photographs through edge-run: every frame has its line, with the right number of points."""

from __future__ import annotations

import json

from edge.run import main


def test_every_frame_of_a_folder_has_a_line(shared_data, tmp_path, capsys):
    frames = sorted((shared_data / "frames" / "test").glob("*.jpg"))[:40]
    folder = tmp_path / "frames"
    folder.mkdir()
    for frame in frames:
        (folder / frame.name).symlink_to(frame)
    assert main(["--source", str(folder), "--faces", "3"]) == 0
    records = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [record["name"] for record in records] == [frame.name for frame in frames]
    assert all(len(face["points"]) == 68 for record in records for face in record["faces"])
    found = sum(bool(record["faces"]) for record in records)
    assert found >= 30  # Haar misses some faces; it must not miss most
