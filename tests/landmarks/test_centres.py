import numpy as np
import pytest

from landmarks.centres import MOST_CELLS, decode_centres, merge_rows
from landmarks.decode import OutputTensor

GRID, STRIDE = 20, 8


def maps(score=None, offset=(0.0, 0.0), side=1.0):
    """Maps of a finder that answers the same box everywhere and is nowhere sure of it."""
    logits = np.full((GRID, GRID, 1), -9, np.float32)
    for (row, column), value in (score or {}).items():
        logits[row, column] = value
    offsets = np.broadcast_to(np.float32(offset), (GRID, GRID, 2)).copy()
    sides = np.full((GRID, GRID, 1), side, np.float32)
    return [OutputTensor(logits), OutputTensor(offsets), OutputTensor(sides)]


def decode(tensors, min_score=0.5):
    found = decode_centres(*tensors, stride=STRIDE, min_score=min_score)
    return found.boxes, found.scores


def test_a_cell_gives_the_box_round_its_own_centre():
    boxes, scores = decode(maps({(3, 11): 2.0}, offset=(0.25, -0.5), side=np.log(4)))
    centre = (11.75 * STRIDE - 0.5, 3.0 * STRIDE - 0.5)
    expected = [centre[0] - 16, centre[1] - 16, centre[0] + 16, centre[1] + 16]
    np.testing.assert_allclose(boxes, [expected], atol=1e-3)
    np.testing.assert_allclose(scores, [1 / (1 + np.exp(-2))], rtol=1e-6)
    assert boxes.dtype == scores.dtype == np.float32


def test_no_face_gives_no_rows():
    boxes, scores = decode(maps())
    assert boxes.shape == (0, 4)
    assert scores.shape == (0,)
    assert boxes.dtype == scores.dtype == np.float32


def test_the_threshold_is_a_probability():
    tensors = maps({(3, 3): 0.0, (12, 12): 1.0})
    assert len(decode(tensors, 0.5)[0]) == 2
    assert len(decode(tensors, 0.51)[0]) == 1
    assert len(decode(tensors, 0.74)[0]) == 0


def test_cells_of_one_face_are_joined_by_their_scores():
    tensors = maps({(5, 5): 3.0, (5, 6): 3.0}, side=np.log(8))
    (box,), (score,) = decode(tensors)
    assert (box[0] + box[2]) / 2 == pytest.approx(6 * STRIDE - 0.5)
    assert score == pytest.approx(1 / (1 + np.exp(-3)))


def test_faces_side_by_side_stay_apart_and_come_surest_first():
    boxes, scores = decode(maps({(5, 3): 1.0, (5, 15): 4.0}, side=np.log(5)))
    assert len(boxes) == 2
    assert scores[0] > scores[1]
    assert boxes[0, 0] > boxes[1, 0]


def test_the_same_face_at_another_size_is_found_once():
    score, offset, side = maps({(5, 5): 3.0, (6, 5): 1.0}, side=np.log(8))
    side.values[6, 5] = np.log(3)
    ((x0, _, x1, _),), _ = decode([score, offset, side])
    assert x1 - x0 == pytest.approx(8 * STRIDE, rel=1e-3), "the smaller one is not averaged in"


def test_int8_maps_are_read_with_their_scales(rng):
    real = maps({(4, 7): 2.0}, offset=(0.3, 0.1), side=1.2)
    scales = [0.1, 0.02, 0.02]
    coarse = [
        OutputTensor(np.clip(np.rint(t.values / s) + 5, -128, 127).astype(np.int8), s, 5)
        for t, s in zip(real, scales, strict=True)
    ]
    np.testing.assert_allclose(decode(coarse)[0], decode(real)[0], atol=0.5)


@pytest.mark.parametrize("axis", [0, 1])
@pytest.mark.parametrize(
    ("apart", "faces", "moved"),
    [(9, 1, 3.6), (10, 1, 0), (14, 1, 0), (15, 2, 0), (16, 2, 0), (40, 2, 0)],
    ids=["agreeing", "IoU 0.5", "same face", "half shared", "less shared", "apart"],
)
def test_boxes_are_joined_by_iou_and_dropped_by_the_share_they_have_in_common(
    axis, apart, faces, moved
):
    """Two boxes of 30 px, with scores 0.6 and 0.4, moved against each other along one axis."""
    sure = np.array([300, 100, 330, 130], np.float32)
    shift = np.roll([1, 0, 1, 0], axis).astype(np.float32)
    boxes = np.stack([sure, sure + apart * shift])
    joined, _ = merge_rows(boxes, np.array([0.6, 0.4], np.float32))
    assert len(joined) == faces
    np.testing.assert_allclose(joined[0], sure + moved * shift, rtol=1e-6)


def test_boxes_smaller_than_a_pixel_stay_apart():
    boxes = np.array([[5, 5, 6, 6], [8, 8, 9, 9]], np.float32)
    assert len(merge_rows(boxes, np.array([0.9, 0.8], np.float32))[0]) == 2


@pytest.mark.parametrize("zero_point", [-60, 40])
@pytest.mark.parametrize(("min_score", "found"), [(0.5, 2), (0.51, 1), (0.59, 1), (0.61, 0)])
def test_the_threshold_counts_from_the_zero_point_of_int8_scores(zero_point, min_score, found):
    score, offset, side = maps({(3, 3): 0.0, (12, 12): 0.4, (3, 12): -0.1})
    steps = np.clip(np.rint(score.values / 0.1) + zero_point, -128, 127).astype(np.int8)
    assert len(decode([OutputTensor(steps, 0.1, zero_point), offset, side], min_score)[0]) == found


def test_a_network_that_is_sure_everywhere_takes_bounded_work():
    score, offset, side = maps(side=-1.0)
    everywhere = OutputTensor(np.full_like(score.values, 5.0))
    boxes, _ = decode([everywhere, offset, side])
    assert 0 < len(boxes) <= MOST_CELLS


def test_boxes_that_are_no_numbers_do_not_hang():
    boxes = np.array([[np.nan] * 4, [0, 0, 9, 9]], np.float32)
    assert len(merge_rows(boxes, np.array([0.9, 0.8], np.float32))[0]) == 2


def test_maps_of_other_shapes_are_refused():
    score, offset, side = maps()
    with pytest.raises(ValueError, match="expected maps of shapes"):
        decode([score, side, offset])


def test_a_roll_is_the_mean_direction_of_the_cells_that_agree():
    tensors = maps({(5, 5): 3.0, (5, 6): 3.0}, side=np.log(8))
    roll = np.zeros((GRID, GRID, 2), np.float32)
    roll[5, 5] = np.cos(np.radians(170)), np.sin(np.radians(170))
    roll[5, 6] = np.cos(np.radians(-170)), np.sin(np.radians(-170))
    found = decode_centres(*tensors, OutputTensor(roll), stride=STRIDE, min_score=0.5)
    assert abs(found.rolls_deg[0]) == pytest.approx(180, abs=0.01)


def test_a_roll_is_unknown_where_the_finder_does_not_say_it():
    found = decode_centres(*maps({(3, 3): 2.0}), stride=STRIDE, min_score=0.5)
    assert np.isnan(found.rolls_deg).all()


def test_the_surest_row_of_each_face_is_named():
    boxes = np.array([[0, 0, 9, 9], [50, 50, 59, 59], [1, 0, 10, 9]], np.float32)
    rows, surest = merge_rows(boxes, np.array([0.9, 0.8, 0.7], np.float32))
    assert surest.tolist() == [0, 1]
    assert 0 < rows[0, 0] < 1, "the third box lies on the first face and moves it"
