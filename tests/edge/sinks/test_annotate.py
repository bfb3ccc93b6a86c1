"""Annotated pictures and films: how long they are, what is drawn, odd sizes, full disks."""

from __future__ import annotations

import resource
import subprocess
import sys
import time
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from edge.camera.files import open_video
from edge.finder.own import open_own_finder
from edge.pipeline import Pipeline
from edge.run import main
from edge.sinks.annotate import open_annotator
from edge.sinks.annotated_film import AnnotatedFilm, film_fps
from edge.sinks.drawing import Look, draw_faces
from edge.stream import Event
from landmarks.errors import OutputExistsError, UsageError
from landmarks.pictures import read_picture, write_picture
from tests.edge.films import film_length_s, plain_images, with_durations, write_film

LOST = Event("camera_lost", 0, "gone")


def _film(path, results, *, fps=30.0):
    """Write results, and events between them, into a film."""
    with ExitStack() as stack:
        film = AnnotatedFilm(path, fps, Look(), stack, force=False)
        for item in results:
            film.event(item) if isinstance(item, Event) else film.write(item)
    return path


@pytest.fixture
def at(make_result):
    def result(index, time_s):
        plain = make_result(index)
        return replace(plain, frame=replace(plain.frame, time_s=time_s))

    return result


def test_a_camera_that_claims_30_and_gives_10_makes_a_film_as_long_as_the_run(tmp_path, at):
    film = _film(tmp_path / "x.mp4", [at(i, i / 10) for i in range(40)])
    assert film_length_s(film) == pytest.approx(4.0, abs=0.1)


def test_a_film_of_a_steady_rate_has_each_frame_once(tmp_path, at):
    film = _film(tmp_path / "x.mp4", [at(i, round(i / 29.97, 3)) for i in range(40)], fps=29.97)
    with open_video(film) as source:
        assert len(list(source.frames)) == 40


def test_frames_that_come_faster_than_the_film_make_it_no_longer(tmp_path, at):
    film = _film(tmp_path / "x.mp4", [at(i, i / 120) for i in range(480)])
    assert film_length_s(film) == pytest.approx(4.0, abs=0.35)


def test_the_time_without_a_camera_is_left_out(tmp_path, at):
    before = [at(i, i / 30) for i in range(30)]
    after = [at(30 + i, 1000 + i / 30) for i in range(30)]
    film = _film(tmp_path / "x.mp4", [*before, LOST, *after])
    assert film_length_s(film) == pytest.approx(2.0, abs=0.1)


def test_a_film_of_a_variable_rate_stays_as_long_as_it_was(tmp_path, capsys):
    source = write_film(tmp_path / "phone.mp4", plain_images(8))
    with_durations(source, [1, 1, 0.5, 0.04, 0.04, 0.04, 2, 0.04])
    assert main(["--source", str(source), "--annotate", str(tmp_path / "drawn.mp4")]) == 0
    assert film_length_s(tmp_path / "drawn.mp4") == pytest.approx(4.66, abs=0.1)


@pytest.mark.parametrize(
    "fps, continuous, expected",
    [(25.0, True, 25.0), (4.3, True, 30.0), (1000.0, True, 30.0), (None, True, 30.0)]
    + [(None, False, 2.0)],
)
def test_the_rate_of_a_film(fps, continuous, expected):
    assert film_fps(fps, continuous=continuous) == expected


@pytest.mark.parametrize("size", [(1, 65535), (1, 3000), (1, 1), (3000, 1), (3, 5)])
@pytest.mark.parametrize("name", ["x.mp4", "x.png", "x.avi", "folder"])
def test_pictures_of_any_size_are_drawn(tmp_path, size, name, capsys):
    write_picture(tmp_path / "odd.png", np.full((*size, 3), 90, np.uint8))
    out = tmp_path / name
    arguments = ["--source", str(tmp_path / "odd.png"), "--record", str(tmp_path / "record")]
    assert main([*arguments, "--annotate", str(out)]) == 0
    assert main(["--source", str(tmp_path / "record")]) == 0
    said = capsys.readouterr()
    assert f'"size": [{size[1]}, {size[0]}]' in said.out.splitlines()[-1]
    assert out.exists() and "0 unreadable" in said.err


def test_a_disk_that_fills_up_is_noticed_long_before_the_end(tmp_path, clip_path):
    """No file may grow beyond 40 kB; the film has 6 frames in each of them, and 600 in all."""
    film = write_film(tmp_path / "long.mp4", plain_images(600))
    run = [sys.executable, "-m", "edge.run", "--source", str(film), "--output", "/dev/stdout"]
    done = subprocess.run(
        [*run, "--annotate", str(tmp_path / "a.mp4")],
        capture_output=True,
        text=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, 40_000)),
    )
    assert done.returncode == 1
    assert "error: --annotate" in done.stderr and "Traceback" not in done.stderr
    assert len(done.stdout.splitlines()) < 100
    assert not list(tmp_path.glob("*a*.mp4"))


def _changed(make_result, look, **of_face):
    result = make_result(image=np.full((240, 240, 3), 128, np.uint8), **of_face)
    big = [replace(face, points_frame=face.points_frame * 5) for face in result.faces]
    faces = tuple(replace(face, box=_scaled(face.box)) for face in big)
    drawn = draw_faces(result.frame.image, faces, look)
    return (drawn != 128).any(axis=2), faces[0]


def _scaled(box):
    return type(box)(box.x0 * 5, box.y0 * 5, box.x1 * 5, box.y1 * 5)


def test_lines_join_the_points_and_dots_do_not(make_result):
    lines, face = _changed(make_result, Look("lines"))
    dots, _ = _changed(make_result, Look("dots"))
    jaw = (face.points_frame[7] + face.points_frame[8]) / 2
    x, y = np.rint(jaw).astype(int)
    assert lines[y, x] and not dots[y, x]
    for px, py in np.rint(face.points_frame).astype(int):
        assert lines[py, px] and dots[py, px]
    none, _ = _changed(make_result, Look("none"))
    assert not none.any()


def test_smoothed_points_are_drawn_where_there_are_any(make_result):
    result = make_result(image=np.full((240, 240, 3), 128, np.uint8))
    (face,) = result.faces
    moved = replace(face, points_smooth=face.points_frame + 150)
    drawn = draw_faces(result.frame.image, (moved,), Look("dots"))
    assert (drawn[150:, 150:] != 128).any()


def test_the_head_has_its_axes_and_its_id(make_result):
    pose = np.array([0, 0, 0], np.float32)
    with_pose, face = _changed(make_result, Look("dots"), pose_deg=pose)
    without, _ = _changed(make_result, Look("dots"))
    x, y = np.rint(face.points_frame[30]).astype(int)
    below = slice(y + 10, y + 25)
    assert with_pose[below, x].any() and not without[below, x].all()


def test_a_blurred_face_is_none_and_the_rest_stays(faces_dir, localizer):
    image = read_picture(faces_dir / "face_000.jpg")
    image = np.pad(image, ((100, 100), (100, 100), (0, 0)), constant_values=77)
    faces, _ = Pipeline(open_own_finder(), localizer).process(image)
    assert len(faces) == 1
    blurred = draw_faces(image, faces, Look("none", blur_faces=True))
    points = np.rint(faces[0].points_frame).astype(int)
    colours = {tuple(blurred[y, x]) for x, y in points}
    assert len(colours) <= 36 < len({tuple(image[y, x]) for x, y in points})
    np.testing.assert_array_equal(blurred[:20], image[:20])


def test_a_folder_gets_one_picture_for_each(tmp_path, faces_dir, capsys):
    source, out = tmp_path / "in", tmp_path / "out"
    source.mkdir()
    for i in range(3):
        (source / f"{i}.jpg").write_bytes((faces_dir / f"face_00{i}.jpg").read_bytes())
    (source / "1.jpg").write_bytes(b"")
    assert main(["--source", str(source), "--annotate", str(out)]) == 0
    assert sorted(path.name for path in out.iterdir()) == ["0.jpg", "2.jpg"]
    with pytest.raises(OutputExistsError, match="not empty"):
        main(["--source", str(source), "--annotate", str(out)])
    assert main(["--source", str(source), "--annotate", str(out), "--force"]) == 0


def test_a_film_is_not_drawn_into_a_folder(tmp_path):
    opening = open_annotator(tmp_path / "out", 25.0, Look(), continuous=True, force=False)
    with pytest.raises(UsageError, match="write a film"):
        opening.__enter__()


def test_thousands_of_repeated_frames_take_no_thousands_of_drawings(tmp_path, at, monkeypatch):
    drawn = []
    monkeypatch.setattr(
        "edge.sinks.annotated_film.draw_faces", lambda image, *_: drawn.append(1) or image
    )
    began = time.monotonic()
    film = _film(Path(tmp_path / "x.mp4"), [at(0, 0.0), at(1, 60.0)])
    assert len(drawn) == 2 and time.monotonic() - began < 20
    assert film_length_s(film) == pytest.approx(60, abs=0.1)
