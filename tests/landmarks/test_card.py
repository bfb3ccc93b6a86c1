import json

import numpy as np
import pytest

from landmarks.card import SCHEMA_VERSION, ModelCard, PipHead, RegressionHead, as_points
from landmarks.decode import OutputTensor, decode_regression
from landmarks.errors import ModelFileError


@pytest.fixture
def fields(make_card):
    return make_card().to_dict()


def test_card_survives_json(make_card):
    card = make_card(
        precision="int8",
        accuracy=({"data": "300W", "subset": "full", "n": 689, "nme_percent": 3.6},),
        quantization={"method": "ptq", "images": 128},
        parent_sha256="ab" * 32,
        tools={"numpy": "2.0"},
    )
    assert ModelCard.from_dict(json.loads(json.dumps(card.to_dict()))) == card


def test_card_of_a_regression_head_survives_json(make_card, face68):
    head = RegressionHead(as_points(face68), as_points(np.full((68, 2), 0.1)))
    card = make_card(head=head, outputs=("points",))
    assert ModelCard.from_dict(json.loads(json.dumps(card.to_dict()))) == card


def test_origin_of_a_regression_head_is_its_mean_face_unless_said(make_card, face68):
    mean, scale = as_points(face68), as_points(np.full((68, 2), -1.0))
    assert RegressionHead(mean, scale).zero == mean
    half = as_points(np.full((68, 2), 0.5))
    card = make_card(head=RegressionHead(mean, scale, origin=half), outputs=("points",))
    head = ModelCard.from_dict(json.loads(json.dumps(card.to_dict()))).head
    assert (head.mean_face, head.zero) == (mean, half)


def test_mean_face_that_is_one_point_is_refused(fields):
    fields["head"]["mean_face"] = [[0.5, 0.5]] * 68
    with pytest.raises(ModelFileError, match="all points of the mean face are one"):
        ModelCard.from_dict(fields)


def test_plain_card_holds_plain_json_types(fields):
    assert json.loads(json.dumps(fields)) == fields
    assert fields["schema_version"] == SCHEMA_VERSION
    assert isinstance(fields["outputs"], list)


def test_points_of_a_card_are_rounded_once_and_then_stay(face68):
    points = as_points(face68)
    assert as_points(np.asarray(points)) == points
    np.testing.assert_allclose(points, face68, atol=5e-7)


def test_newer_schema_is_refused_with_the_advice_to_upgrade(fields):
    with pytest.raises(ModelFileError, match="upgrade"):
        ModelCard.from_dict({**fields, "schema_version": SCHEMA_VERSION + 1})


@pytest.mark.parametrize("version", [None, "1", 1.5])
def test_schema_version_that_is_no_whole_number_is_refused(fields, version):
    with pytest.raises(ModelFileError, match="schema"):
        ModelCard.from_dict({**fields, "schema_version": version})


@pytest.mark.parametrize("name", ["name", "scheme", "head", "outputs", "training", "accuracy"])
def test_card_without_a_field_is_refused(fields, name):
    del fields[name]
    with pytest.raises(ModelFileError):
        ModelCard.from_dict(fields)


def test_card_with_an_unknown_field_is_refused_with_the_advice_to_upgrade(fields):
    with pytest.raises(ModelFileError, match=r"with colour, .*: upgrade edge-landmarks"):
        ModelCard.from_dict({**fields, "colour": "blue"})


def test_unknown_scheme_is_refused_by_name(fields):
    with pytest.raises(ModelFileError, match="300w-67"):
        ModelCard.from_dict({**fields, "scheme": "300w-67"})


@pytest.mark.parametrize("n", [0, 67, 98])
def test_mean_face_of_another_scheme_is_refused(fields, n):
    fields["head"]["mean_face"] = [[0.5, 0.5]] * n
    with pytest.raises(ModelFileError, match=f"{n} mean points"):
        ModelCard.from_dict(fields)


@pytest.mark.parametrize(
    "head",
    [
        None,
        "pip",
        [],
        {},
        {"kind": "heatmap"},
        {"kind": ["pip"]},
        {"kind": "pip", "grid": 8},
        {"kind": "pip", "grid": 8, "k": 10, "mean_face": [1, 2, 3]},
        {"kind": "pip", "grid": 8, "k": 10, "mean_face": [["a", "b"]]},
        {"kind": "pip", "grid": 8, "k": 10, "mean_face": None},
    ],
)
def test_damaged_head_is_refused(fields, head):
    with pytest.raises(ModelFileError):
        ModelCard.from_dict({**fields, "head": head})


def test_head_is_read_back_as_points(make_card, face68):
    head = ModelCard.from_dict(make_card().to_dict()).head
    assert isinstance(head, PipHead)
    np.testing.assert_allclose(head.mean_face, face68, atol=1e-6)


def test_a_track_may_begin_with_any_answer_of_a_regression_head(face68):
    head = RegressionHead(as_points(face68), as_points(np.ones((68, 2))))
    answer = decode_regression(
        OutputTensor(np.zeros(136, np.float32)), face68, np.ones((68, 2), np.float32)
    )
    assert answer.presence >= head.min_presence
