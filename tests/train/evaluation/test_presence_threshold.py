import numpy as np
import pytest

from calib_data import FACES_DIR
from command_line.command import run_command
from edge.models import model_path
from landmarks.errors import DatasetError
from landmarks.faces import read_labelled_faces
from landmarks.locate import Localizer
from landmarks.model_file import read_model
from landmarks.pictures import write_picture
from landmarks.pts import write_pts
from train.__main__ import main
from train.datasets.frames import Frame, read_frames
from train.evaluation.presence_threshold import Presence, measure_presence
from train.models.any_network import open_any

N = 12


@pytest.fixture(scope="module")
def frames(tmp_path_factory):
    """Bundled faces in the corner of frames of noise."""
    folder = tmp_path_factory.mktemp("frames")
    rng = np.random.default_rng(3)
    for face in read_labelled_faces(FACES_DIR)[:N]:
        image = face.picture.read()
        frame = rng.integers(90, 130, (2 * len(image), 3 * len(image), 3), np.uint8)
        frame[: len(image), : image.shape[1]] = image
        write_picture(folder / face.picture.name, frame, force=True)
        write_pts((folder / face.picture.name).with_suffix(".pts"), face.points_frame, force=True)
    return folder


def run(*arguments):
    return run_command(main, ["presence", *map(str, arguments)])


def test_the_bar_lies_between_faces_and_the_rest():
    scores = Presence(np.linspace(0.6, 0.9, 101), np.linspace(0.0, 0.4, 101))
    assert scores.threshold == pytest.approx((0.603 + 0.396) / 2)


@pytest.mark.parametrize("name", ["asmpip-80", "asmpip-144", "asmpip-192"])
def test_the_bars_of_the_shipped_networks_part_faces_from_the_rest(name, frames):
    path = model_path(name)
    presence = measure_presence(Localizer.of(open_any(path)), read_frames(frames))
    assert (len(presence.faces), len(presence.others)) == (N, N)
    threshold = read_model(path).card.head.min_presence
    assert presence.others.max() < threshold < presence.faces.min()


def test_a_file_is_written_anew_with_its_bar_and_the_same_graph(frames, tmp_path, capsys):
    before, out = read_model(model_path("default")), tmp_path / "a.tflite"
    assert run(before.path, "--frames", frames, "--out", out) == 0
    after = read_model(out)
    assert (after.graph, after.sha256) == (before.graph, before.sha256)
    said = capsys.readouterr().out.splitlines()
    assert said[0].startswith(f"faces: {N} boxes; 1, 5, 50 %: 0.")
    assert said[2] == f"{out}: a face from {after.card.head.min_presence:.4f} on"
    assert run(before.path, "--frames", frames, "--out", out) == 2
    assert "a.tflite" in capsys.readouterr().err


def test_what_has_no_presence_or_another_kind_is_refused(frames, tmp_path, capsys):
    assert run(model_path("finder-224"), "--frames", frames, "--out", tmp_path / "b.tflite") == 2
    assert "a centres head has no presence score" in capsys.readouterr().err
    assert run(model_path("default"), "--frames", frames, "--out", tmp_path / "b.onnx") == 2
    assert "expected a .tflite file like asmpip-144-int8.tflite" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_frames_without_a_face_are_refused(frames):
    (frame, *_) = read_frames(frames)
    network = Localizer.of(open_any(model_path("default")))
    with pytest.raises(DatasetError, match="0 labelled faces and 0 boxes without one"):
        measure_presence(network, [Frame(frame.picture, ())])
