import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from landmarks.card import (
    SCHEMA_VERSION,
    CentreHead,
    ModelCard,
    PipHead,
    RegressionHead,
    as_points,
)
from landmarks.decode import OutputTensor, decode_regression
from landmarks.errors import ModelFileError
from landmarks.locate import decoder_of
from landmarks.shown import one_line


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


WRONG = {
    "k": [-1, 68, 10**9, 3.5, True, "10", None],
    "grid": [0, -8, 1e9, "8", None, False],
    "mean_face": [[[float("nan"), 0.5]] * 68, [[1e30, 0.5]] * 68, "face", {}, [[1, 2, 3]] * 68],
    "merge": ["median", 1, None, ["exact"]],
    "min_presence": [-0.1, 1.1, float("nan"), "half", None],
    "kind": ["heat map", None, 1, ["pip"], {}],
}


@pytest.mark.parametrize(("name", "value"), [(n, v) for n, vs in WRONG.items() for v in vs])
def test_a_head_with_a_wrong_value_is_refused_by_its_name(fields, name, value):
    fields["head"][name] = value
    with pytest.raises(ModelFileError, match=f"head.{name}"):
        ModelCard.from_dict(fields)


WRONG_FIELDS = {
    "name": [None, 7, "a\nb", "\x1b[2J", "x" * 1000, ["a"]],
    "precision": ["int4", 8, None, ["int8"]],
    "scheme": [68, None, ["300w-68"], {}],
    "input_size": [0, -1, 128.0, 10**9, "128", None, True],
    "crop_scale": [0, -1, float("inf"), float("nan"), 1e308, "1.25", None, True],
    "outputs": ["score", [], [1], [None], {}, ["x"] * 100],
    "training": [None, [], "300W"],
    "quantization": [None, []],
    "accuracy": [None, {}, [1], "0.03"],
    "parent_sha256": [1, [], "a" * 1000],
    "tools": [None, {"numpy": 2}, ["numpy"]],
    "box_convention": ["canonical-2", None, 1],
    "schema_version": [0, -1, True, 1.0, "1", None, 10**30],
}


@pytest.mark.parametrize(("name", "value"), [(n, v) for n, vs in WRONG_FIELDS.items() for v in vs])
def test_a_card_with_a_wrong_value_is_refused(fields, name, value):
    with pytest.raises(ModelFileError) as caught:
        ModelCard.from_dict({**fields, name: value})
    assert len(str(caught.value)) < 300
    assert one_line(str(caught.value)) == str(caught.value)


@pytest.mark.parametrize("min_score", [0, 1, -1, 2, float("nan"), "0.5", None])
def test_a_finder_with_a_threshold_that_has_no_logit_is_refused(fields, min_score):
    fields["head"] = {"kind": "centres", "stride": 8, "min_score": min_score}
    with pytest.raises(ModelFileError, match="head.min_score"):
        ModelCard.from_dict(fields)


ODD = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=6,
)


@given(data=st.data())
def test_no_exception_but_ours_leaves_a_card_whatever_is_in_it(data, face68):
    """One to three values anywhere in the card are replaced by anything that JSON can say."""
    mean = as_points(face68)
    heads = [
        PipHead(8, 10, mean),
        RegressionHead(mean, mean, origin=mean),
        CentreHead(stride=8, min_score=0.5),
    ]
    outputs = ("score", "offsets", "neighbours")
    card = ModelCard("a", "a", "int8", "300w-68", 128, 1.25, heads[0], outputs, {})
    fields = replace(card, head=data.draw(st.sampled_from(heads))).to_dict()
    for _ in range(data.draw(st.integers(1, 3))):
        table = data.draw(st.sampled_from([fields, fields["head"]]))
        if not isinstance(table, dict) or not table:
            break
        table[data.draw(st.sampled_from(sorted(table)))] = data.draw(ODD)
    try:
        read = ModelCard.from_dict(fields)
    except ModelFileError as error:
        assert one_line(str(error)) == str(error)
        return
    if not isinstance(read.head, CentreHead):
        decoder_of(read.head)  # what loading makes of it
