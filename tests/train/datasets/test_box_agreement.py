import logging

import numpy as np
import pytest

from landmarks.boxes import Box, face_box
from landmarks.faces import LabelledFace
from train.datasets.box_agreement import box_agreement, report_box_agreement
from train.datasets.unlabelled import UnlabelledFace


@pytest.fixture
def faces(face68):
    made = []
    for side in (50, 80, 100):
        points = (face68 * side + 40).astype(np.float32)
        truth = face_box(points)
        x, y = truth.centre
        # half as large again, and too high by a fifth of its own side
        box = Box.from_centre((x, y - 0.2 * 1.5 * truth.width), 1.5 * truth.width)
        made.append(LabelledFace(None, points, box))
    return made


def test_shift_and_scale_lead_from_the_box_to_the_labels(faces):
    agreement = box_agreement(faces)
    assert agreement.n == 3
    assert (agreement.dx, agreement.dy) == pytest.approx((0, 0.2), abs=1e-6)
    assert agreement.scale == pytest.approx(1 / 1.5)
    assert 0.3 < agreement.iou < 0.6


def test_faces_without_labels_or_boxes_do_not_count(faces):
    bare = LabelledFace(None, faces[0].points_frame)
    assert box_agreement([bare, UnlabelledFace(None, faces[0].box)]) is None
    assert box_agreement([bare, *faces]).n == 3


def test_one_line_is_logged_if_there_is_anything_to_say(faces, caplog):
    with caplog.at_level(logging.INFO):
        report_box_agreement([])
        assert caplog.text == ""
        report_box_agreement(faces)
    assert "0.67 times as large, +0.00 to the right and +0.20 below" in caplog.text
