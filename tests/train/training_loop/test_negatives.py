from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from calib_data import FACES_DIR
from landmarks.boxes import Box, face_box, intersection_over_union
from landmarks.errors import DatasetError, UsageError
from landmarks.faces import read_labelled_faces
from landmarks.schemes import get_scheme
from train.datasets.frames import Frame, Seen
from train.fit import fit
from train.preparation.prepare import prepare
from train.settings.augmentation import AugmentConfig
from train.settings.fit import FitConfig
from train.training_loop.negatives import FREE_IOU, negative_box, with_negatives

SCHEME = get_scheme("300w-68")
CONFIG = FitConfig(Path("data"), Path("out"), size=64, augment=AugmentConfig())


class Plain:
    """A picture of one colour."""

    name = "plain.png"

    def __init__(self, height, width):
        self.image = np.full((height, width, 3), 77, np.uint8)

    def read(self):
        return self.image


@pytest.fixture
def face():
    return read_labelled_faces(FACES_DIR)[0].points_frame


@pytest.fixture
def frame(face):
    seen = Seen(Box.from_centre((300, 300), face_box(face).width), 0.9)
    return Frame(Plain(400, 800), (face,), (seen,))


def make_face(face, rng):
    return np.zeros((64, 64, 3), np.uint8), np.full((68, 2), 0.5, np.float32)


def test_box_touches_neither_labelled_nor_seen_faces(frame):
    rng = np.random.default_rng(1)
    side = frame.boxes[0].width
    boxes = [negative_box(frame, side, (800, 400), rng) for _ in range(50)]
    found = [box for box in boxes if box is not None]
    assert len(found) > 25
    for box in found:
        for taken in (*frame.boxes, frame.seen[0].box):
            assert intersection_over_union(box, taken) < FREE_IOU


def test_frame_full_of_its_face_has_no_empty_box():
    full = Frame(Plain(100, 100), (), (Seen(Box(0, 0, 100, 100), 0.9),))
    assert negative_box(full, 100, (100, 100), np.random.default_rng(0)) is None


def test_share_of_the_examples_has_no_face(frame):
    make = with_negatives(make_face, [frame], SCHEME, replace(CONFIG, empty_share=0.25))
    examples = [make(i, np.random.default_rng((5, i))) for i in range(400)]
    empty = [points for _, points in examples if np.isnan(points).all()]
    assert 60 < len(empty) < 140
    assert all(image.shape == (64, 64, 3) and image.dtype == np.uint8 for image, _ in examples)
    assert all(np.isnan(points).all() or (points == 0.5).all() for _, points in examples)


def test_same_seed_gives_the_same_example(frame):
    make = with_negatives(make_face, [frame], SCHEME, replace(CONFIG, empty_share=1.0))
    one, two = (make(3, np.random.default_rng(9)) for _ in range(2))
    np.testing.assert_array_equal(one[0], two[0])


def test_frames_without_labelled_faces_are_refused(frame):
    with pytest.raises(DatasetError, match="labelled faces"):
        with_negatives(make_face, [replace(frame, labelled=())], SCHEME, CONFIG)


def test_network_without_scores_learns_nothing_from_them(tmp_path, draw_faces):
    folder = draw_faces(tmp_path / "faces", 8)
    prepared = tmp_path / "prepared"
    prepare(read_labelled_faces(folder), prepared, dataset="drawn", subset="all", scheme="300w-68")
    run = replace(
        CONFIG, data=prepared, out=tmp_path / "run", model="asmnet", batch=2, empty=(folder,)
    )
    with pytest.raises(UsageError, match="PIP head"):
        fit(run)
    assert not run.out.exists()
