from __future__ import annotations

import csv
import io
import json
import os
import pty
import resource
import shutil
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from command_line.command import run_command
from edge.camera.files import open_video
from edge.camera.replay import open_replay
from edge.models import model_path
from edge.run import main, refuse_without_68
from edge.run_config import parse
from edge.sinks.table import OF_A_FACE, OF_A_FRAME
from edge.stream import Frame, FrameSource
from landmarks.aligned_face import aligned_face
from landmarks.errors import CameraError, CameraTimeout, OutputExistsError, UsageError
from landmarks.pictures import read_picture, write_picture
from landmarks.schemes import IBUG68

ROOT = Path(__file__).resolve().parents[2]


def _lines(text):
    return [json.loads(line) for line in text.splitlines()]


def test_a_picture_gives_one_line_with_68_points(capsys, faces_dir):
    assert main(["--source", str(faces_dir / "face_000.jpg")]) == 0
    captured = capsys.readouterr()
    (record,) = _lines(captured.out)
    (face,) = record["faces"]
    assert record["size"] == [192, 192]
    assert np.array(face["points"]).shape == (68, 2)
    assert "1 frames, 1 faces" in captured.err


def test_a_folder_gives_a_line_for_every_picture_and_loses_none(capsys, tmp_path, faces_dir):
    write_picture(tmp_path / "a.jpg", read_picture(faces_dir / "face_000.jpg"))
    write_picture(tmp_path / "b.png", np.zeros((100, 100, 3), np.uint8))
    (tmp_path / "c.jpg").write_bytes(b"")
    assert main(["--source", str(tmp_path)]) == 0
    captured = capsys.readouterr()
    records = _lines(captured.out)
    assert [len(record["faces"]) for record in records] == [1, 0, 0]
    assert "c.jpg" in records[2]["error"]
    assert "1 unreadable" in captured.err
    assert main(["--source", str(tmp_path), "--strict"]) == 3


def test_measures_are_said_of_each_face_where_they_are_asked_for(capsys, clip_path):
    run = ["--source", str(clip_path), "--max-frames", "3"]
    assert main([*run, "--measure"]) == 0
    for record in _lines(capsys.readouterr().out):
        (face,) = record["faces"]
        assert 0.2 < face["measures"]["left_eye_open"] < 0.5
        assert np.array(face["points_share"]).shape == (68, 2)
    assert main([*run, "--measure", "--format", "csv"]) == 0
    header, *rows = csv.reader(io.StringIO(capsys.readouterr().out))
    assert "eye_distance_px" in header
    assert [len(row) for row in rows] == [len(header)] * 3
    assert main(run) == 0
    assert "measures" not in capsys.readouterr().out


def test_a_model_without_the_68_points_is_not_measured(localizer):
    card = replace(localizer.network.card, scheme="cofw-29")
    for options in (["--measure"], ["--crops", "somewhere"]):
        config = parse(["--source", "clip.mp4", *options])
        with pytest.raises(UsageError, match=f"{options[0]}: .* cofw-29"):
            refuse_without_68(config, card)
    refuse_without_68(parse(["--source", "clip.mp4"]), card)


def test_crops_show_the_face_in_its_place_and_older_ones_are_kept(capsys, tmp_path, clip_path):
    folder = tmp_path / "crops"
    run = ["--source", str(clip_path), "--crops", str(folder), "--max-frames"]
    assert main([*run, "3"]) == 0
    names = ["000000-0.jpg", "000001-0.jpg", "000002-0.jpg"]
    assert sorted(path.name for path in folder.iterdir()) == names
    with open_video(clip_path) as video:
        image = next(iter(video.frames)).image
    first = _lines(capsys.readouterr().out)[0]["faces"][0]
    expected = aligned_face(image, np.array(first["points"], np.float32), IBUG68).astype(int)
    crop = read_picture(folder / names[0])
    assert np.abs(crop - expected).mean() < 3  # JPEG
    (folder / "mine.txt").write_text("precious")
    with pytest.raises(OutputExistsError, match="holds crops already"):
        main([*run, "1"])
    assert main([*run, "1", "--force"]) == 0
    assert sorted(path.name for path in folder.iterdir()) == [names[0], "mine.txt"]


@pytest.mark.parametrize("option", ["--output", "--annotate", "--record"])
def test_a_full_disk_is_one_line_that_names_the_output_and_old_files_stay(
    tmp_path, clip_path, option
):
    """No file may grow beyond 40 kB: writing fails half-way, as on a full disk."""
    path = tmp_path / {"--output": "faces.jsonl", "--annotate": "a.mp4", "--record": "r"}[option]
    if option != "--record":
        path.write_text("precious")
    run = [sys.executable, "-m", "edge.run", "--source", str(clip_path), "--max-frames", "60"]
    done = subprocess.run(
        [*run, option, str(path), "--force"],
        cwd=clip_path.parents[1],
        capture_output=True,
        text=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, 40_000)),
    )
    assert done.returncode == 1
    assert f"error: {option}" in done.stderr and "Traceback" not in done.stderr
    if option == "--record":
        with open_replay(path) as source:
            assert all(frame.image is not None for frame in source.frames)
    else:
        assert [file.read_text() for file in tmp_path.iterdir()] == ["precious"]


def test_a_video_is_annotated_frame_by_frame(capsys, tmp_path, clip_path):
    out, video = tmp_path / "faces.jsonl", tmp_path / "annotated.mp4"
    code = main(
        ["--source", str(clip_path), "--output", str(out), "--annotate", str(video)]
        + ["--max-frames", "8"]
    )
    assert code == 0
    assert capsys.readouterr().out == ""
    records = _lines(out.read_text())
    assert [record["frame"] for record in records] == list(range(8))
    assert [record["faces"][0]["id"] for record in records] == [0] * 8
    with open_video(video) as source:
        frames = [frame.image for frame in source.frames]
    assert len(frames) == 8
    assert frames[0].shape == (360, 480, 3)


def test_names_with_spaces_and_foreign_letters_and_a_linked_model_are_no_trouble(
    tmp_path, clip_path, capsys
):
    folder = tmp_path / "mit Lücke 顔"
    folder.mkdir()
    shutil.copy(clip_path, folder / "film é.mp4")
    (folder / "link.tflite").symlink_to(model_path("default"))
    arguments = ["--source", str(folder / "film é.mp4"), "--model", str(folder / "link.tflite")]
    arguments += ["--output", str(folder / "out ö.jsonl"), "--annotate", str(folder / "a ß.mp4")]
    arguments += ["--record", str(folder / "r ñ"), "--max-frames", "3"]
    assert main(arguments) == 0
    assert main(["--source", str(folder / "r ñ")]) == 0
    again = _lines(capsys.readouterr().out)
    first = _lines((folder / "out ö.jsonl").read_text())
    assert [len(record["faces"]) for record in (*first, *again)] == [1] * 6
    with open_video(folder / "a ß.mp4") as source:
        assert len(list(source.frames)) == 3


def test_an_annotated_picture_differs_where_the_face_is(tmp_path, faces_dir, capsys):
    source, out = faces_dir / "face_000.jpg", tmp_path / "drawn.png"
    main(["--source", str(source), "--annotate", str(out)])
    changed = np.abs(read_picture(out).astype(int) - read_picture(source)).sum(axis=2) > 30
    assert 0.005 < changed.mean() < 0.2


def test_an_existing_annotation_is_refused_before_anything_is_printed(tmp_path, faces_dir, capsys):
    out = tmp_path / "drawn.png"
    out.write_bytes(b"precious")
    with pytest.raises(OutputExistsError, match="--force"):
        main(["--source", str(faces_dir / "face_000.jpg"), "--annotate", str(out)])
    assert capsys.readouterr().out == ""
    assert out.read_bytes() == b"precious"


@pytest.mark.parametrize("output", ["table.csv", "/dev/stdout"])
def test_csv_keeps_a_name_that_is_no_utf_8(tmp_path, faces_dir, output):
    (tmp_path / "pictures").mkdir()
    names = [b"a.jpg", b"caf\xe9.jpg", "顔.jpg".encode()]
    for name in names:
        shutil.copy(faces_dir / "face_000.jpg", os.fsencode(tmp_path / "pictures") + b"/" + name)
    options = ["--source", "pictures", "--format", "csv", "--output", output]
    done = subprocess.run(
        [sys.executable, "-m", "edge.run", *options],
        cwd=tmp_path,
        capture_output=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert done.returncode == 0, done.stderr
    table = done.stdout if output == "/dev/stdout" else (tmp_path / output).read_bytes()
    assert [line.split(b",")[1] for line in table.splitlines()[1:]] == sorted(names)


@pytest.mark.parametrize("options", [["--format", "csv"], ["--output", "faces.csv"]])
def test_csv_has_a_header_and_a_row_a_face(tmp_path, monkeypatch, capsys, faces_dir, options):
    """Asked for by name, or by the name of the file."""
    monkeypatch.chdir(tmp_path)
    main(["--source", str(faces_dir / "face_000.jpg"), *options])
    text = capsys.readouterr().out or (tmp_path / "faces.csv").read_text()
    (row,) = csv.DictReader(io.StringIO(text))
    assert list(row)[:8] == [*OF_A_FRAME, "face", "score", "presence"]
    assert len(row) == len(OF_A_FRAME) + len(OF_A_FACE) + 2 * 68
    assert 0.3 < float(row["score"]) <= 1 and 0.5 < float(row["presence"]) <= 1
    assert (row["width"], row["height"], row["time_s"]) == ("192", "192", "")
    assert abs(float(row["yaw_deg"])) < 90


def test_a_format_that_is_asked_for_is_kept_whatever_the_name(tmp_path, faces_dir):
    out = tmp_path / "odd.csv"
    main(["--source", str(faces_dir / "face_000.jpg"), "--format", "jsonl", "--output", str(out)])
    assert json.loads(out.read_text())["frame"] == 0


@pytest.mark.parametrize(
    "options, lines",
    [
        ([], 1),
        (["--annotate", "a.jpg"], 0),
        (["--annotate", "a.jpg", "--output", "-"], 1),
        (["--crops", "crops"], 0),
    ],
)
def test_a_terminal_is_spared_the_lines_where_there_is_another_output(tmp_path, options, lines):
    """A pipe gets them: programs read them."""
    picture = str(ROOT / "calib_data" / "faces" / "face_000.jpg")
    command = [sys.executable, "-m", "edge.run", "--source", picture, "--force", *options]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    ours, terminal = pty.openpty()
    subprocess.run(command, cwd=tmp_path, env=environment, stdout=terminal, check=True, timeout=60)
    os.close(terminal)
    shown = b""
    with suppress(OSError), open(ours, "rb", buffering=0) as screen:  # EIO: nobody writes any more
        while piece := screen.read(65536):
            shown += piece
    assert shown.count(b'"schema"') == lines
    piped = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, timeout=60)
    assert piped.stdout.count(b'"schema"') == 1


def test_existing_outputs_are_kept_without_force(tmp_path, faces_dir, capsys):
    out = tmp_path / "out.jsonl"
    out.write_text("precious")
    with pytest.raises(OutputExistsError, match="--force"):
        main(["--source", str(faces_dir / "face_000.jpg"), "--output", str(out)])
    assert out.read_text() == "precious"
    assert main(["--source", str(faces_dir / "face_000.jpg"), "--output", str(out), "--force"]) == 0
    assert _lines(out.read_text())[0]["frame"] == 0


@pytest.mark.parametrize(
    "arguments",
    [[], ["--camera", "--source", "x"], ["--source", "x", "--faces", "0"], ["--fps", "no"]],
)
def test_bad_usage_exits_with_2(arguments, capsys):
    with pytest.raises(SystemExit) as stop:
        main(arguments)
    assert stop.value.code == 2


def test_an_unwritable_kind_of_annotation_is_refused(tmp_path, faces_dir, capsys):
    code = run_command(
        main, ["--source", str(faces_dir / "face_000.jpg"), "--annotate", str(tmp_path / "x.txt")]
    )
    assert code == 2
    assert "x.txt" in capsys.readouterr().err


def test_what_a_live_run_has_written_outlives_the_loss_of_its_camera(
    tmp_path, clip, capsys, monkeypatch
):
    images, _ = clip

    def frames():
        for index in range(3):
            while index and (not out.exists() or out.read_text().count("\n") < index + 1):
                time.sleep(0.005)  # until the frame before has its line, or it might be dropped
            yield Frame(index, "camera", index / 25, images[index], sensor_ns=index)
        raise CameraTimeout("gone")

    @contextmanager
    def camera(request):
        nonlocal opened
        opened += 1
        if opened > 1:
            raise CameraError("still gone")
        yield FrameSource(frames(), continuous=True, fps=25.0)

    opened = 0
    monkeypatch.setattr("edge.camera.choose.open_camera", camera)
    out, video = tmp_path / "faces.jsonl", tmp_path / "annotated.mp4"
    arguments = ["--camera", "--output", str(out), "--annotate", str(video), "--duration", "2"]
    assert run_command(main, arguments) == 0
    records = _lines(out.read_text())
    assert [record.get("event") for record in records] == ["start", None, None, None, "camera_lost"]
    with open_video(video) as source:
        assert len(list(source.frames)) == 3
    said = capsys.readouterr().err
    assert "3 frames" in said
    assert "camera lost: gone" in said


def test_faces_have_a_pose_and_smooth_points_if_asked_for(capsys, clip_path):
    arguments = ["--source", str(clip_path), "--max-frames", "4"]
    main(arguments)
    main([*arguments, "--smooth"])
    faces = [record["faces"][0] for record in _lines(capsys.readouterr().out)]
    for plain, smooth in zip(faces[:4], faces[4:], strict=True):
        assert plain["points"] == smooth["points"], "points are never smoothed"
        assert "points_smooth" not in plain
        assert np.shape(smooth["points_smooth"]) == (68, 2)
        assert set(plain["pose"]) == {"yaw_deg", "pitch_deg", "roll_deg"}


def test_a_page_can_be_watched_while_a_video_runs(capsys, clip_path):
    pytest.importorskip("websockets", reason="pip install 'edge-landmarks[live]'")
    assert main(["--source", str(clip_path), "--max-frames", "2", "--live", "0"]) == 0
    assert "live: http://127.0.0.1:" in capsys.readouterr().err


def test_a_video_without_a_frame_is_not_written(tmp_path, capsys):
    folder = tmp_path / "pictures"
    folder.mkdir()
    (folder / "broken.jpg").write_bytes(b"")
    assert main(["--source", str(folder), "--annotate", str(tmp_path / "out.mp4")]) == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["pictures"]
