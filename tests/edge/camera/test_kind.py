"""What a source is, by what it is: links, devices, pipes, addresses, loops, names that mislead."""

from __future__ import annotations

import os
import stat

import pytest

from command_line.command import run_command
from edge.camera.kind import kind_of
from edge.run import main
from landmarks.errors import PictureError
from tests.edge.films import plain_images, write_film


@pytest.mark.parametrize(
    "source, kind",
    [
        *(("0", "v4l2"), ("/dev/video2", "v4l2"), ("csi", "csi"), ("csi:1", "csi"), ("-", "pipe")),
        *(("/dev/v4l/by-id/usb-046d_C920-video-index0", "v4l2"), ("/dev/webcam", "v4l2")),
        *(("rtsp://door/cam", "network"), ("HTTP://door/video.mjpg", "network")),
    ],
)
def test_names_of_what_is_not_here(source, kind):
    assert kind_of(source) == kind


@pytest.mark.parametrize("name", ["missing.jpg", "missing", "csi:x", "missing.mp4", "csi.mp4"])
def test_a_path_that_is_not_there_is_no_source(tmp_path, name, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(PictureError, match="no such picture, folder or film"):
        kind_of(name)


def test_a_file_is_what_it_holds_whatever_its_name(tmp_path, faces_dir, monkeypatch):
    monkeypatch.chdir(tmp_path)
    film = write_film(tmp_path / "x.mp4", plain_images(3))
    assert kind_of("x.mp4") == "film"
    film.rename("5")
    assert kind_of("5") == "film", "a file that is called like a camera"
    (tmp_path / "y.mp4").write_bytes((faces_dir / "face_000.jpg").read_bytes())
    assert kind_of("y.mp4") == "picture"
    (tmp_path / "z.jpg").write_text("neither")
    with pytest.raises(PictureError, match=r"z\.jpg: neither a picture nor a film"):
        kind_of("z.jpg")


def test_a_link_to_a_camera_that_is_unplugged_is_a_camera(tmp_path, capsys):
    """A service is started again on exit code 4."""
    link = tmp_path / "usb-046d_C920-video-index0"
    link.symlink_to("/dev/video99")
    assert kind_of(str(link)) == "v4l2"
    assert run_command(main, ["--source", str(link)]) == 4
    assert "no camera" in capsys.readouterr().err


def test_a_device_of_v4l2_is_a_camera_by_its_number(tmp_path):
    node = tmp_path / "webcam"
    try:
        os.mknod(node, stat.S_IFCHR | 0o600, os.makedev(81, 7))
    except PermissionError:
        pytest.skip("only root makes device nodes")
    assert kind_of(str(node)) == "v4l2"


@pytest.mark.parametrize("device", ["/dev/zero", "/dev/null", "/dev/random"])
def test_a_device_that_is_no_camera_is_refused_and_not_read(tmp_path, device, capsys):
    link = tmp_path / "link.jpg"
    link.symlink_to(device)
    for source in (device, str(link)):
        assert run_command(main, ["--source", source]) == 3
        assert "is a device, but no camera" in capsys.readouterr().err


def test_a_loop_of_links_is_one_line(tmp_path, capsys):
    (tmp_path / "a.jpg").symlink_to("b.jpg")
    (tmp_path / "b.jpg").symlink_to("a.jpg")
    assert run_command(main, ["--source", str(tmp_path / "a.jpg")]) == 3
    assert "a.jpg" in capsys.readouterr().err


def test_pipes_and_loops_in_a_folder_are_counted_and_the_rest_is_read(tmp_path, faces_dir, capsys):
    (tmp_path / "a.jpg").write_bytes((faces_dir / "face_000.jpg").read_bytes())
    os.mkfifo(tmp_path / "b.jpg")
    (tmp_path / "c.jpg").symlink_to("c.jpg")
    (tmp_path / "d.jpg").symlink_to("/dev/zero")
    out = tmp_path / "o.jsonl"
    assert main(["--source", str(tmp_path), "--output", str(out)]) == 0
    assert len(out.read_text().splitlines()) == 4
    assert "1 faces" in (said := capsys.readouterr().err) and "3 unreadable" in said
