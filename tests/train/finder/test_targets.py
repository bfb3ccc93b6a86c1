import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from landmarks.centres import decode_centres
from landmarks.decode import OutputTensor
from train.finder.scenes import Scene
from train.finder.targets import encode_scene

SIZE, STRIDE = 160, 8


def scene(faces, ignored=(), roll_deg=0.0):
    rows = [np.array(list(boxes), np.float32).reshape(-1, 3) for boxes in (faces, ignored)]
    rolls_deg = np.full(len(rows[0]), roll_deg, np.float32)
    return Scene(np.zeros((SIZE, SIZE, 3), np.uint8), *rows, rolls_deg)


def decoded(targets):
    """Read targets as if a network had answered them."""
    heat = np.clip(targets[..., :1], 1e-4, 1 - 1e-4)
    taught = targets[..., 5:6] > 0
    maps = (
        np.where(taught, np.log(heat / (1 - heat)), -9).astype(np.float32),
        targets[..., 2:4],
        targets[..., 4:5],
        targets[..., 6:8],
    )
    found = decode_centres(*map(OutputTensor, maps), stride=STRIDE, min_score=0.25)
    return found.boxes, found.scores, found.rolls_deg


@given(
    x=st.floats(4, SIZE - 5),
    y=st.floats(4, SIZE - 5),
    side=st.floats(9, 150),
    roll_deg=st.floats(-179, 179),
)
def test_the_decoder_reads_back_what_was_taught(x, y, side, roll_deg):
    targets = encode_scene(scene([(x, y, side)], roll_deg=roll_deg), STRIDE)
    boxes, scores, rolls_deg = decoded(targets)
    expected = [x - side / 2, y - side / 2, x + side / 2, y + side / 2]
    np.testing.assert_allclose(boxes, [expected], atol=0.05)
    assert scores[0] > 0.99, "the nearest cell is taught 1, wherever the centre lies in it"
    assert rolls_deg[0] == pytest.approx(roll_deg, abs=0.1)


def test_a_roll_that_nobody_knows_is_not_taught_and_its_box_is():
    targets = encode_scene(scene([(80, 80, 40)], roll_deg=np.nan), STRIDE)
    assert targets[..., 8].sum() == 0
    assert targets[..., 5].sum() == pytest.approx(1)
    assert np.isfinite(targets).all()


def test_each_face_weighs_the_same_whatever_its_size():
    targets = encode_scene(scene([(30, 30, 12), (110, 110, 90)]), STRIDE)
    weights = targets[..., 5]
    assert weights[:8, :8].sum() == pytest.approx(1)
    assert weights.sum() == pytest.approx(2)
    assert np.count_nonzero(weights[8:, 8:]) > np.count_nonzero(weights[:8, :8])


def test_two_faces_are_both_read_back():
    boxes, *_ = decoded(encode_scene(scene([(60, 80, 40), (105, 80, 40)]), STRIDE))
    assert sorted(((boxes[:, 0] + boxes[:, 2]) / 2).round().tolist()) == [60, 105]


def test_an_ignored_place_has_no_weight_but_a_face_in_it_has():
    targets = encode_scene(scene([(80, 80, 20)], ignored=[(80, 80, 80)]), STRIDE)
    weight = targets[..., 1]
    assert weight[6, 6] == 0
    assert weight[10, 10] == 1
    assert weight[0, 0] == 1


def test_an_empty_scene_teaches_silence():
    targets = encode_scene(scene([]), STRIDE)
    assert (targets[..., 0] == 0).all()
    assert (targets[..., 1] == 1).all()
    assert (targets[..., 5] == 0).all()
