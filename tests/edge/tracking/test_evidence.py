import pytest

from edge.tracking.evidence import LEAST_EVIDENCE, evidence, is_face

BAR = 0.5  # the network's presence threshold


def judged(score, presence, residual=0.2):
    return is_face(score, presence, residual, min_presence=BAR, min_evidence=LEAST_EVIDENCE)


@pytest.mark.parametrize(
    "score, presence, expected",
    [
        (0.60, 0.80, True),
        (0.60, 0.40, False),
        (0.85, 0.25, True),
        (0.85, 0.14, False),
        (0.40, 0.80, False),
        (0.52, 0.80, True),
    ],
    ids=[
        "both nearly sure",
        "a dog that looks like a face to the finder",
        "a mask that hides a face from the landmark network",
        "nothing that the landmark network knows",
        "a finder that sees next to nothing",
        "a doubting finder and a sure network",
    ],
)
def test_finder_and_landmark_network_decide_together(score, presence, expected):
    assert judged(score, presence) == expected


def test_the_presence_counts_in_units_of_the_networks_own_threshold():
    assert evidence(0.5, 0.3, 0.3) == evidence(0.5, 0.6, 0.6) == pytest.approx(0.6)


def test_a_shape_that_no_face_has_is_refused_however_sure_both_are():
    assert judged(0.9, 0.8, residual=0.6)
    assert not judged(0.9, 0.8, residual=0.61)


def test_less_evidence_is_enough_for_who_asks_for_it():
    assert not judged(0.5, 0.4)
    assert is_face(0.5, 0.4, 0.2, min_presence=BAR, min_evidence=0.55)
