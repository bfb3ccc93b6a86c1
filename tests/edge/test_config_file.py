"""``--config FILE`` and the options that end at once."""

from __future__ import annotations

import pytest

from command_line.command import run_command
from edge.camera.listing import camera_lines
from edge.config_file import with_config
from edge.run import main
from edge.run_config import parse
from landmarks import __version__
from landmarks.errors import UsageError


@pytest.fixture
def config(tmp_path):
    def write(text):
        path = tmp_path / "options.toml"
        path.write_text(text)
        return str(path)

    return write


def test_options_of_a_file_are_read_and_the_command_line_wins(config, clip_path):
    path = config(f'source = "{clip_path}"\nfaces = 2\nsmooth = true\nflip = false\nmax_fps = 7.5')
    read = parse(["--config", path])
    assert (read.source, read.faces, read.smooth) == (str(clip_path), 2, True)
    assert not read.handling.view.flip and read.handling.max_fps == 7.5
    assert parse([f"--config={path}", "--faces", "3"]).faces == 3
    assert parse(["--config", path, "--camera"]).source is None


@pytest.mark.parametrize(
    "text, said",
    [("a = [1]", "a = "), ("= 1", "not TOML"), ('config = "x"', "another one")]
    + [("a = " + "[" * 5000, "not TOML"), ("[a]\nb = 1", "expected a text")],
)
def test_what_is_no_table_of_options_is_one_line(config, text, said):
    with pytest.raises(UsageError, match=said):
        with_config(["--config", config(text)])


@pytest.mark.parametrize("text", ["colour = 1", "faces = 0", "smooth = 3", 'rotate = "x"'])
def test_an_option_that_there_is_not_or_a_wrong_value_is_usage(config, text, capsys):
    with pytest.raises(SystemExit) as stop:
        main(["--config", config(text), "--camera"])
    assert stop.value.code == 2


@pytest.mark.parametrize("path", ["/dev/zero", "/nowhere.toml", "/"])
def test_a_file_that_is_none_is_not_read(path, capsys):
    assert run_command(main, ["--config", path]) == 2
    assert path in capsys.readouterr().err


def test_the_version_is_said(capsys):
    with pytest.raises(SystemExit) as stop:
        main(["--version"])
    assert stop.value.code == 0
    assert capsys.readouterr().out == f"edge-run {__version__}\n"


@pytest.mark.parametrize("option", ["--width", "--height", "--fps"])
def test_what_is_asked_of_cameras_is_not_asked_of_files(option, clip_path, capsys):
    assert run_command(main, ["--source", str(clip_path), option, "20"]) == 2
    assert option in capsys.readouterr().err


def test_a_source_is_never_drawn_over(tmp_path, clip_path, capsys):
    assert run_command(main, ["--source", str(tmp_path), "--annotate", str(tmp_path)]) == 2
    assert "is the source" in capsys.readouterr().err


def test_cameras_are_listed_with_their_lasting_names(tmp_path, monkeypatch):
    monkeypatch.setattr("edge.camera.listing.picamera_names", lambda: ("imx708",))
    for index, name in enumerate(["C920", "C920", "bcm2835-codec"]):
        (tmp_path / "dev").mkdir(exist_ok=True)
        (tmp_path / f"dev/video{index}").touch()
        entry = tmp_path / f"sys/class/video4linux/video{index}"
        entry.mkdir(parents=True)
        (entry / "name").write_text(name)
        (entry / "index").write_text(str(index % 2))
        target = tmp_path / ("sys/usb1/1-1" if name == "C920" else "sys/platform")
        target.mkdir(parents=True, exist_ok=True)
        (entry / "device").symlink_to(target)
    links = tmp_path / "dev/v4l/by-id"
    links.mkdir(parents=True)
    (links / "usb-046d_C920-index0").symlink_to("../../video0")
    assert camera_lines(tmp_path) == [
        "csi:0  imx708",
        "/dev/video0  C920  /dev/v4l/by-id/usb-046d_C920-index0",
    ]


def test_no_camera_is_exit_code_4(monkeypatch, capsys):
    monkeypatch.setattr("edge.run_options.camera_lines", list)
    with pytest.raises(SystemExit) as stop:
        main(["--list-cameras"])
    assert stop.value.code == 4
