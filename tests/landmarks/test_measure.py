from dataclasses import replace
from typing import get_args

import numpy as np
import pytest

from landmarks.boxes import Box, face_box
from landmarks.card import RegressionHead, as_points
from landmarks.decode import OutputTensor
from landmarks.errors import DatasetError
from landmarks.faces import LabelledFace, PictureFile
from landmarks.locate import Localizer
from landmarks.measure import dataset_box, score, true_box
from landmarks.metrics import Frame
from landmarks.pictures import write_picture
from landmarks.pose import head_pose, project_face
from landmarks.schemes import IBUG68, wflw98_to_68


class MeanFaceNetwork:
    """A network that answers every crop with the mean face of its card, moved a little."""

    def __init__(self, card, shift=0.0, n_points=68, pose_deg=None):
        self.card = card
        shift = shift if isinstance(shift, list) else [shift, 0]
        self.outputs = {"points": np.tile(np.array(shift, np.float32), n_points)}
        if pose_deg is not None:
            self.outputs["pose"] = np.array(pose_deg, np.float32) / 90

    def infer(self, crop):
        return {name: OutputTensor(values) for name, values in self.outputs.items()}


@pytest.fixture
def wflw_of():
    """Give 98 points whose conversion to 68 gives back the points that they are made from."""

    def convert(points_68):
        inverse = {}
        for axis in (0, 1):
            probe = np.zeros((98, 98, 2), np.float32)
            probe[:, :, axis] = np.eye(98)
            weights = wflw98_to_68(probe)[:, :, axis].T  # (68, 98)
            inverse[axis] = np.linalg.pinv(weights) @ points_68[:, axis]
        return np.stack([inverse[0], inverse[1]], axis=1).astype(np.float32)

    return convert


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
        "missed": 0,
        "scheme": "300w-68",
        "normaliser": "inter-ocular",
        "frame": "original",
        "nme_percent": pytest.approx(0, abs=1e-3),
        "fr8_percent": 0,
        "fr10_percent": 0,
        "auc8": pytest.approx(1, abs=1e-3),
        "auc10": pytest.approx(1, abs=1e-3),
        "regions_nme_percent": pytest.approx(
            dict.fromkeys(("contour", "brows", "nose", "eyes", "mouth"), 0), abs=1e-3
        ),
        "pose_mae_deg": dict.fromkeys(("yaw", "pitch", "roll", "mean"), pytest.approx(0, abs=0.01)),
        "pose_n": 2,
        "pose_reference": "scaled orthography fitted to the true landmarks by least squares",
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
    odd = LabelledFace(faces[0].picture, np.zeros((29, 2), np.float32))
    with pytest.raises(DatasetError, match="29 points.*68"):
        score(Localizer.of(MeanFaceNetwork(mean_card)), [odd])


def test_labels_of_98_points_are_compared_at_the_68_that_they_share(mean_card, faces, wflw_of):
    both = [replace(face, points_frame=wflw_of(face.points_frame)) for face in faces]
    network = Localizer.of(MeanFaceNetwork(mean_card, shift=0.02))
    across, within = score(network, both), score(network, faces)
    assert across.scheme == "300w-68"
    np.testing.assert_allclose(across.errors, within.errors, rtol=1e-3)


def test_network_of_98_points_is_compared_at_the_68_that_it_shares(
    mean_card, faces, wflw_of, face68
):
    head = RegressionHead(
        as_points(wflw_of(np.asarray(mean_card.head.mean_face))), as_points(np.ones((98, 2)))
    )
    card = replace(mean_card, scheme="wflw-98", head=head)
    result = score(Localizer.of(MeanFaceNetwork(card, shift=0.02, n_points=98)), faces)
    eyes = (face68[45] - face68[36])[0] / np.ptp(face68, axis=0).max() / 1.25
    assert result.scheme == "300w-68"
    assert result.nme_percent == pytest.approx(100 * 0.02 / eyes, rel=1e-3)


def test_faces_of_two_schemes_are_not_averaged(mean_card, faces, wflw_of):
    card = replace(mean_card, scheme="wflw-98")
    mixed = [replace(faces[0], points_frame=wflw_of(faces[0].points_frame)), faces[1]]
    network = MeanFaceNetwork(card, n_points=98)
    network.card = replace(
        card, head=RegressionHead(as_points(np.ones((98, 2))), as_points(np.ones((98, 2))))
    )
    with pytest.raises(DatasetError, match="other landmarks"):
        score(Localizer.of(network), mixed)


def test_labels_without_extent_are_named(mean_card, faces):
    flat = replace(faces[1], points_frame=np.full((68, 2), 40, np.float32))
    with pytest.raises(DatasetError, match=r"1\.png.*inter-ocular.*correct or remove"):
        score(
            Localizer.of(MeanFaceNetwork(mean_card)),
            [flat],
            boxes=lambda image, face: Box(10, 10, 90, 90),
        )


@pytest.mark.parametrize(("axis", "factor"), [(0, 1.0), (1, None)])
def test_resized_crop_measures_each_axis_by_its_own_side(mean_card, faces, face68, axis, factor):
    shift = [0.0, 0.0]
    shift[axis] = 0.02
    network = Localizer.of(MeanFaceNetwork(mean_card, shift=shift))
    original, resized = (score(network, faces, frame=frame) for frame in get_args(Frame))
    assert resized.frame == "resized-crop"
    width, height = np.ptp(face68, axis=0)  # the eyes are level: their distance is a width
    expected = factor or width / height
    assert resized.nme_percent == pytest.approx(original.nme_percent * expected, rel=1e-3)


def test_boxes_of_the_data_set_are_used_or_asked_for(mean_card, faces):
    network = Localizer.of(MeanFaceNetwork(mean_card))
    boxed = [replace(face, box=true_box(None, face)) for face in faces]
    assert score(network, boxed, boxes=dataset_box).nme_percent == pytest.approx(0, abs=1e-3)
    with pytest.raises(DatasetError, match="gives no box"):
        score(network, faces, boxes=dataset_box)


def test_groups_have_scores_of_their_own_and_may_overlap(mean_card, faces):
    faces = [replace(faces[0], groups=("blur",)), replace(faces[1], groups=("blur", "pose"))]
    result = score(
        Localizer.of(MeanFaceNetwork(mean_card, shift=0.02)),
        faces,
        boxes=lambda image, face: None if "pose" in face.groups else true_box(image, face),
    )
    groups = result.by_group()
    assert list(groups) == ["blur", "pose"]
    assert (len(groups["blur"].errors), groups["blur"].missed) == (1, 1)
    assert groups["blur"].nme_percent == result.nme_percent
    assert groups["pose"].to_dict()["n"] == 0
    assert "nme_percent" not in groups["pose"].to_dict()


def test_pose_output_is_measured_against_the_pose_of_the_true_landmarks(mean_card, faces):
    card = replace(mean_card, outputs=("points", "pose"))
    turned = [
        replace(
            face,
            points_frame=project_face((yaw, -5, 10), eye_distance_px=40, centre_px=(70, 60)),
        )
        for face, yaw in zip(faces, (20, -30), strict=True)
    ]
    figures = score(Localizer.of(MeanFaceNetwork(card, pose_deg=(0, 0, 0))), turned).to_dict()
    assert figures["pose_mae_deg"] == pytest.approx(
        {"yaw": 25, "pitch": 5, "roll": 10, "mean": 40 / 3}, abs=0.01
    )
    assert figures["pose_n"] == 2
    assert (
        figures["pose_reference"]
        == "scaled orthography fitted to the true landmarks by least squares"
    )


def test_without_a_pose_output_the_pose_is_that_of_the_networks_points(mean_card, faces):
    yaws = (20, -30)
    labels = [
        replace(
            face, points_frame=project_face((yaw, 0, 0), eye_distance_px=40, centre_px=(70, 60))
        )
        for face, yaw in zip(faces, yaws, strict=True)
    ]
    network = Localizer.of(MeanFaceNetwork(mean_card))
    given = [
        head_pose(network.locate(f.picture.read(), face_box(f.points_frame)).points_frame, IBUG68)
        for f in labels
    ]
    expected = np.mean([abs(pose.yaw_deg - yaw) for pose, yaw in zip(given, yaws, strict=True)])
    figures = score(network, labels).to_dict()
    assert figures["pose_mae_deg"]["yaw"] == pytest.approx(expected, abs=0.01)
    assert figures["pose_mae_deg"]["yaw"] > 10


def test_labels_that_are_no_head_give_no_pose_to_compare_with(mean_card, faces, rng):
    card = replace(mean_card, outputs=("points", "pose"))
    odd = replace(faces[0], points_frame=rng.uniform(20, 120, (68, 2)).astype(np.float32))
    network = Localizer.of(MeanFaceNetwork(card, pose_deg=(0, 0, 0)))
    good = replace(
        faces[1],
        points_frame=project_face((0, 0, 0), eye_distance_px=40, centre_px=(70, 60)),
    )
    assert score(network, [odd, good]).to_dict()["pose_n"] == 1
    assert "pose_mae_deg" not in score(network, [odd]).to_dict()


def test_points_on_a_line_are_an_error_and_no_pose(make_card, faces):
    line = np.stack([np.linspace(0.2, 0.8, 68), np.full(68, 0.5)], axis=1)
    head = RegressionHead(as_points(line), as_points(np.ones((68, 2))))
    network = MeanFaceNetwork(make_card(head=head, outputs=("points",)))
    figures = score(Localizer.of(network), faces).to_dict()
    assert figures["nme_percent"] > 30
    assert "pose_mae_deg" not in figures
