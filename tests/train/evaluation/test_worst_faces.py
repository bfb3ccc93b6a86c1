import numpy as np
import pytest

from edge.bench.answer_picture import ANSWER_RGB, LABEL_RGB, SIDE, TITLE_HEIGHT
from landmarks.faces import LabelledFace
from landmarks.score import FaceError, Score
from train.evaluation.conditions import HeldPicture
from train.evaluation.worst_faces import FACES, worst_row


@pytest.fixture
def make_score(face68):
    """Make a score of faces on one grey each, by the grey and the error."""
    points = face68 * 60 + 90

    def make(**errors):
        found = tuple(
            FaceError(
                LabelledFace(
                    HeldPicture(grey, np.full((180, 180, 3), int(grey[1:]), np.uint8)), points
                ),
                points + 6,
                error,
                {},
            )
            for grey, error in errors.items()
        )
        return Score(found, (), "300w-68", "inter-ocular", "original")

    return make


def greys(row):
    """The grey of each picture of a row, where no point lies."""
    return [int(row[TITLE_HEIGHT + 2, SIDE * i + 2, 0]) for i in range(FACES)]


def test_the_worst_come_first_and_the_rest_is_black(make_score):
    row = worst_row("a, dark", make_score(g40=0.01, g80=0.3, g120=0.05))
    assert row.shape == (TITLE_HEIGHT + SIDE, FACES * SIDE, 3)
    assert greys(row) == [80, 120, 40, 0, 0, 0, 0, 0]


def test_no_more_than_fit_are_shown(make_score):
    score = make_score(**{f"g{20 + i}": i / 100 for i in range(FACES + 3)})
    assert greys(worst_row("a", score)) == [20 + i for i in range(FACES + 2, 2, -1)]


def test_labels_are_white_and_answers_green(make_score):
    picture = worst_row("", make_score(g40=0.1))[TITLE_HEIGHT:, :SIDE].reshape(-1, 3).tolist()
    assert picture.count(list(LABEL_RGB)) > 68
    assert picture.count(list(ANSWER_RGB)) > 68
