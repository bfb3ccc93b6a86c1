import numpy as np
import pytest

from landmarks.card import RegressionHead, as_points
from landmarks.decode import OutputTensor
from landmarks.errors import DatasetError
from landmarks.faces import LabelledFace, PictureFile
from landmarks.locate import Localizer
from landmarks.pictures import write_picture
from landmarks.score import score, true_box


class MeanFaceNetwork:
    """A network that answers every crop with the mean face of its card, moved a little."""

    def __init__(self, card, shift=0.0):
        self.card = card
        self.vector = np.tile(np.array([shift, 0], np.float32), 68)

    def infer(self, crop):
        return {"points": OutputTensor(self.vector)}


@pytest.fixture
def mean_card(make_card, face68):
    """A card whose mean face is the drawn face as it lies in a crop."""
    middle = (face68.min(axis=0) + face68.max(axis=0)) / 2
    in_crop = (face68 - middle) / np.ptp(face68, axis=0).max() / 1.25 + 0.5
    head = RegressionHead(as_points(in_crop), as_points(np.ones((68, 2))))
    return make_card(head=head, outputs=("points",))


@pytest.fixture
def faces(tmp_path, face68):
    found = []
    for i, side in enumerate((60, 90)):
        path = tmp_path / f"{i}.png"
        write_picture(path, np.zeros((150, 150, 3), np.uint8))
        found.append(LabelledFace(PictureFile(path), face68 * side + 20))
    return found


def test_network_that_knows_the_faces_has_no_error(mean_card, faces):
    result = score(Localizer.of(MeanFaceNetwork(mean_card)), faces)
    assert result.to_dict() == {
        "n": 2,
        "normaliser": "inter-ocular",
        "nme_percent": pytest.approx(0, abs=1e-3),
        "fr10_percent": 0,
        "auc10": pytest.approx(1, abs=1e-3),
        "regions_nme_percent": pytest.approx(
            dict.fromkeys(("contour", "brows", "nose", "eyes", "mouth"), 0), abs=1e-3
        ),
        "missed": 0,
    }


def test_error_is_the_shift_over_the_eye_distance(mean_card, faces, face68):
    result = score(Localizer.of(MeanFaceNetwork(mean_card, shift=0.02)), faces)
    eyes = (face68[45] - face68[36])[0] / np.ptp(face68, axis=0).max() / 1.25
    assert result.nme_percent == pytest.approx(100 * 0.02 / eyes, rel=1e-3)


def test_face_without_a_box_is_missed_and_counted(mean_card, faces):
    localizer = Localizer.of(MeanFaceNetwork(mean_card))

    def only_first(image, face):
        return true_box(image, face) if face is faces[0] else None

    result = score(localizer, faces, boxes=only_first)
    assert (len(result.errors), result.missed) == (1, 1)
    with pytest.raises(DatasetError, match="none of the 2 faces"):
        score(localizer, faces, boxes=lambda image, face: None)


def test_faces_of_another_scheme_are_refused(mean_card, faces):
    odd = LabelledFace(faces[0].picture, np.zeros((98, 2), np.float32))
    with pytest.raises(DatasetError, match="98 points.*68"):
        score(Localizer.of(MeanFaceNetwork(mean_card)), [odd])
