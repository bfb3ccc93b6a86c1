import json
import shutil
from pathlib import Path

import pytest

from calib_data import FACES_DIR
from command_line.command import run_command
from train.__main__ import main
from train.datasets.frames import read_frames

YUNET = Path(__file__).parents[4] / "shared" / "models" / "yunet_n_320_320.onnx"


def label(*arguments):
    return run_command(main, ["label-frames", *map(str, arguments)])


@pytest.fixture
def plain(frames_folder, tmp_path):
    """The frames without their labels."""
    return shutil.copytree(frames_folder, tmp_path / "plain")


def test_frames_without_faces_are_background_everywhere(plain, tmp_path, capsys):
    out = tmp_path / "none"
    assert label("--data", plain, "--no-faces", "--out", out) == 0
    assert "0 faces" in capsys.readouterr().out
    frames = read_frames(out)
    assert len(frames) == 8
    assert all(frame.boxes == () and frame.seen == () for frame in frames)


def test_landmarks_that_a_person_gave_are_kept(frames_folder, tmp_path):
    out = tmp_path / "labelled"
    assert label("--data", frames_folder, "--no-faces", "--out", out) == 0
    assert sorted(len(frame.labelled) for frame in read_frames(out)) == [1] * 7 + [2]


def test_labels_are_replaced_only_when_asked(plain, tmp_path, capsys):
    out = tmp_path / "none"
    assert label("--data", plain, "--no-faces", "--out", out) == 0
    assert label("--data", plain, "--no-faces", "--out", out) == 2
    assert "already exists" in capsys.readouterr().err
    assert label("--data", plain, "--no-faces", "--out", out, "--force") == 0


@pytest.mark.parametrize("flags", [(), ("--no-faces", "--yunet", "yunet.onnx")])
def test_either_a_detector_or_no_faces(plain, tmp_path, capsys, flags):
    assert label("--data", plain, "--out", tmp_path / "out", *flags) == 2
    assert "either --yunet FILE or --no-faces" in capsys.readouterr().err


def test_a_folder_without_pictures_is_refused(tmp_path, capsys):
    (tmp_path / "empty").mkdir()
    assert label("--data", tmp_path / "empty", "--no-faces", "--out", tmp_path / "out") == 3
    assert "no pictures in it" in capsys.readouterr().err


@pytest.mark.skipif(not YUNET.exists(), reason="needs YuNet's file beside the checkout")
def test_yunet_says_where_faces_are_and_how_far_they_are_turned(tmp_path):
    folder = tmp_path / "faces"
    folder.mkdir()
    shutil.copy(FACES_DIR / "face_000.jpg", folder)
    assert label("--data", folder, "--yunet", YUNET, "--out", tmp_path / "out") == 0
    (entry,) = json.loads((tmp_path / "out.json").read_text()).values()
    (*_, score, roll_deg), *_ = entry["faces"]
    assert score > 0.5
    assert abs(roll_deg) < 30
