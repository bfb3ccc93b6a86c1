import numpy as np
import pytest

from landmarks.boxes import Box, face_box
from landmarks.card import PipHead, RegressionHead, as_points
from landmarks.decode import OutputTensor
from landmarks.locate import Localizer, decoder_of
from landmarks.neighbours import nearest_neighbours
from train.methods.targets import encode_pip


class StillNetwork:
    """A network that gives the same outputs for every crop, and remembers the crops."""

    def __init__(self, card, outputs):
        self.card = card
        self.outputs = outputs
        self.crops = []

    def infer(self, crop):
        self.crops.append(crop)
        return {name: OutputTensor(values) for name, values in self.outputs.items()}


@pytest.fixture
def regression(make_card, face68):
    head = RegressionHead(as_points(face68), as_points(np.full((68, 2), 0.1)))
    return make_card(head=head, outputs=("points",))


def test_points_of_the_crop_are_given_in_pixels_of_the_frame(regression, face68):
    network = StillNetwork(regression, {"points": np.zeros(136, np.float32)})
    box = Box.from_centre((300, 200), 80)
    face = Localizer.of(network).locate(np.zeros((400, 640, 3), np.uint8), box)
    expected = np.array([300, 200]) + (face68 - 0.5) * 80 * 1.25
    np.testing.assert_allclose(face.points_frame, expected, atol=1e-3)
    assert face.presence == 1


def test_network_sees_the_crop_that_its_card_asks_for(regression):
    network = StillNetwork(regression, {"points": np.zeros(136, np.float32)})
    frame = np.full((400, 640, 3), 90, np.uint8)
    Localizer.of(network).locate(frame, Box.from_centre((300, 200), 80))
    (crop,) = network.crops
    assert (crop.shape, crop.dtype) == ((128, 128, 3), np.uint8)
    assert (crop == 90).all()


@pytest.mark.parametrize("merge", ["exact", "padded"])
def test_maps_of_a_pip_head_are_decoded_by_the_card(make_card, face68, merge):
    truth = face68 * 0.8 + 0.05
    head = PipHead(grid=8, k=10, mean_face=as_points(face68), merge=merge)
    mean_face = np.asarray(head.mean_face, np.float32)
    targets = encode_pip(truth[None], 8, nearest_neighbours(mean_face, 10))
    score = np.zeros((64, 68), np.float32)
    offsets = np.zeros((64, 2, 68), np.float32)
    votes = np.zeros((64, 2, 68, 10), np.float32)
    for point, cell in enumerate(targets.cell[0]):
        score[cell, point] = 0.7
        offsets[cell, :, point] = targets.offsets[0, point]
        votes[cell, :, point] = targets.neighbours[0, point].T
    maps = {"score": score, "offsets": offsets, "neighbours": votes}
    outputs = {name: OutputTensor(part.reshape(8, 8, -1)) for name, part in maps.items()}
    face = decoder_of(head)(outputs)
    np.testing.assert_allclose(face.points_unit, truth, atol=1e-6)
    assert face.presence == pytest.approx(0.7)


def test_box_outside_the_frame_still_gives_points(regression):
    network = StillNetwork(regression, {"points": np.zeros(136, np.float32)})
    box = Box.from_centre((-500, -500), 60)
    face = Localizer.of(network).locate(np.zeros((40, 40, 3), np.uint8), box)
    assert face_box(face.points_frame).centre == pytest.approx((-500, -500), abs=5)


def test_network_without_a_pose_output_gives_no_pose(regression):
    network = StillNetwork(regression, {"points": np.zeros(136, np.float32)})
    box = Box.from_centre((300, 200), 80)
    assert Localizer.of(network).locate(np.zeros((400, 640, 3), np.uint8), box).pose_deg is None


def test_pose_output_is_given_in_degrees(make_card, regression):
    card = make_card(head=regression.head, outputs=("points", "pose"))
    outputs = {"points": np.zeros(136, np.float32), "pose": np.array([0.5, -0.1, 0], np.float32)}
    box = Box.from_centre((300, 200), 80)
    localizer = Localizer.of(StillNetwork(card, outputs))
    face = localizer.locate(np.zeros((400, 640, 3), np.uint8), box)
    np.testing.assert_allclose(face.pose_deg, [45, -9, 0], atol=1e-5)


def test_a_turned_face_is_seen_upright_and_its_roll_counts_in_the_frame(make_card, face68):
    head = RegressionHead(as_points(face68), as_points(np.full((68, 2), 0.1)))
    card = make_card(head=head, outputs=("points", "pose"))
    outputs = {"points": np.zeros(136, np.float32), "pose": np.array([0.1, 0, 0.2], np.float32)}
    box, frame = Box.from_centre((300, 200), 80), np.zeros((400, 640, 3), np.uint8)
    face = Localizer.of(StillNetwork(card, outputs)).locate(frame, box, angle_deg=170)
    angle = np.deg2rad(170)
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    expected = np.array([300, 200]) + (face68 - 0.5) @ turn * 80 * 1.25
    np.testing.assert_allclose(face.points_frame, expected, atol=1e-3)
    assert face.pose_deg == pytest.approx((9, 0, 18 + 170 - 360), abs=1e-3)


def test_each_step_is_told_as_it_ends_and_the_crop_goes_where_it_was_asked_for(regression):
    network = StillNetwork(regression, {"points": np.zeros(136, np.float32)})
    crop, steps = np.zeros((128, 128, 3), np.uint8), []

    def lap(step):
        steps.append((step, len(network.crops)))

    frame, box = np.full((400, 640, 3), 90, np.uint8), Box.from_centre((300, 200), 80)
    Localizer.of(network).locate(frame, box, out=crop, lap=lap)
    assert steps == [("crop", 0), ("infer", 1), ("decode", 1)]
    assert (crop == 90).all()
