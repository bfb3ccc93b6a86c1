from dataclasses import replace

import numpy as np
import pytest

from landmarks.boxes import Box
from train.datasets.frames import Seen, read_frames
from train.finder.skin_tone import typology_angle_deg
from train.finder.trials import blurred, dark, rolled


@pytest.fixture(scope="module")
def frame(frames_folder):
    frame = read_frames(frames_folder)[1]
    seen = Seen(frame.seen[0].box, 0.9, 5.0)
    return replace(frame, seen=(seen,)), frame.picture.read()


def test_a_dark_and_a_blurred_frame_keep_their_faces(frame):
    before, picture = frame
    for make in (dark, blurred):
        after, changed = make(before, picture)
        assert after == before
        assert changed.shape == picture.shape and changed.dtype == np.uint8
    assert dark(*frame)[1].mean() < 0.2 * picture.mean()
    assert blurred(*frame)[1].std() < picture.std()


@pytest.mark.parametrize("roll_deg", [45, 90, 180])
def test_faces_turn_with_their_frame(frame, roll_deg):
    """A mark at the centre of the detector's box is found again at the centre of the turned one."""
    before, picture = frame
    x, y = before.seen[0].box.centre
    marked = np.zeros_like(picture)
    marked[round(y) - 1 : round(y) + 2, round(x) - 1 : round(x) + 2] = 255
    after, turned = rolled(before, marked, roll_deg=roll_deg)
    rows, columns = np.nonzero(turned[..., 0] > 60)
    assert after.seen[0].box.centre == pytest.approx((columns.mean(), rows.mean()), abs=1)
    assert after.seen[0].box.width == pytest.approx(before.seen[0].box.width)
    assert after.seen[0].roll_deg == 5.0 + roll_deg
    height, width = picture.shape[:2]
    if roll_deg == 90:
        assert turned.shape[:2] == (width, height)


def test_the_typology_angle_orders_skin_tones():
    def angle(colour):
        picture = np.full((80, 80, 3), colour, np.uint8)
        return typology_angle_deg(picture, Box(10, 10, 70, 70))

    assert angle((240, 210, 190)) > angle((200, 150, 120)) > angle((90, 60, 45))


def test_a_face_too_small_or_cut_off_has_no_tone():
    picture = np.full((80, 80, 3), 128, np.uint8)
    assert typology_angle_deg(picture, Box(10, 10, 20, 20)) is None
    assert typology_angle_deg(picture, Box(-40, 10, 20, 70)) is None
