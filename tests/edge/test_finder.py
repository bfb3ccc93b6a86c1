from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from edge.finder.choose import open_finder
from edge.finder.haar import HaarFinder
from edge.models import FINDER, model_path, shipped_finders, shipped_models
from landmarks.boxes import face_box, intersection_over_union
from landmarks.card import CentreHead
from landmarks.errors import ModelFileError, UsageError
from landmarks.model_file import read_model

SPECS = ("own", "haar")


@pytest.fixture(scope="session")
def yunet_path(shared_data) -> Path:
    path = shared_data.parent / "models" / "yunet_n_320_320.onnx"
    if not path.is_file():
        pytest.skip(f"no YuNet file at {path}")
    return path


def enlarged(image: np.ndarray, factor: int) -> np.ndarray:
    return np.repeat(np.repeat(image, factor, axis=0), factor, axis=1)


@pytest.mark.parametrize("spec", SPECS)
def test_the_clip_face_is_found_where_it_is(clip, spec):
    images, truth = clip
    finder = open_finder(spec, threads=1)
    for image, points in list(zip(images, truth, strict=True))[::15]:
        best = finder.find(image)[0]
        assert intersection_over_union(best.box, face_box(points)) > 0.5


@pytest.mark.parametrize("spec", SPECS)
def test_boxes_scale_with_the_frame(clip, spec):
    images, truth = clip
    best = open_finder(spec, threads=1).find(enlarged(images[0], 3))[0]
    assert intersection_over_union(best.box, face_box(truth[0] * 3 + 1)) > 0.5


@pytest.mark.parametrize("spec", SPECS)
@pytest.mark.parametrize("shape", [(120, 160), (1, 1), (3, 700), (480, 640)])
def test_no_face_is_an_empty_tuple(spec, shape):
    finder = open_finder(spec, threads=1)
    assert finder.find(np.zeros((*shape, 3), np.uint8)) == ()
    assert finder.find(np.full((*shape, 3), 255, np.uint8)) == ()


@pytest.mark.parametrize("spec", SPECS)
def test_a_grey_array_is_refused(spec):
    with pytest.raises(ValueError, match="RGB uint8"):
        open_finder(spec, threads=1).find(np.zeros((120, 160), np.uint8))


def test_our_finder_sees_two_faces_beside_each_other(clip):
    images, truth = clip
    pair = np.hstack([images[0], images[30]])
    expected = [face_box(truth[0]), face_box(truth[30] + np.float32([images[0].shape[1], 0]))]
    found = open_finder("own", threads=1).find(pair)
    assert [found[0].score, found[1].score] == sorted((f.score for f in found[:2]), reverse=True)
    for box in expected:
        assert max(intersection_over_union(face.box, box) for face in found) > 0.5


def test_our_finder_sees_a_face_in_a_turned_camera(clip):
    images, truth = clip
    upright = np.zeros((images[0].shape[1] * 2, images[0].shape[1], 3), np.uint8)
    upright[: images[0].shape[0]] = images[0]
    best = open_finder("own", threads=1).find(upright)[0]
    assert intersection_over_union(best.box, face_box(truth[0])) > 0.5


def test_the_shipped_finders_are_full_int8_and_answer_alike(clip):
    assert {path.name for path in shipped_finders()} >= {f"{FINDER}-int8.tflite"}
    assert not set(shipped_finders()) & set(shipped_models())
    boxes = []
    for path in shipped_finders():
        card = read_model(path).card
        assert card.precision == "int8"
        assert card.parent_sha256
        assert isinstance(card.head, CentreHead)
        assert card.training["parameters"] <= 300_000
        boxes.append(open_finder(f"own:{path}", threads=1).find(clip[0][0])[0].box)
    for box in boxes[1:]:
        assert intersection_over_union(box, boxes[0]) > 0.95


def test_yunet_gives_canonical_boxes(clip, yunet_path):
    images, truth = clip
    finder = open_finder(f"yunet:{yunet_path}")
    best = finder.find(images[0])[0]
    assert intersection_over_union(best.box, face_box(truth[0])) > 0.7
    large = finder.find(enlarged(images[0], 3))[0]
    assert intersection_over_union(large.box, face_box(truth[0] * 3 + 1)) > 0.7
    assert finder.find(np.zeros((120, 160, 3), np.uint8)) == ()


@pytest.mark.parametrize(
    "spec, error, words",
    [
        ("hare", UsageError, "expected own, own:FILE, haar or yunet:FILE"),
        ("haar:x", UsageError, "unknown finder 'haar:x'"),
        ("yunet", UsageError, "yunet needs its file"),
        ("yunet:", UsageError, "yunet needs its file"),
        ("yunet:missing.onnx", ModelFileError, "missing.onnx: no such YuNet file"),
        ("own:missing.tflite", ModelFileError, "missing.tflite"),
        ("own:asmpip-144", ModelFileError, "expected a finder"),
    ],
)
def test_what_cannot_be_a_finder_is_said(spec, error, words):
    with pytest.raises(error, match=words):
        open_finder(spec)


def test_another_network_is_not_yunet():
    with pytest.raises(ModelFileError, match="cannot run it as YuNet"):
        open_finder(f"yunet:{model_path('asmpip-144-int8.onnx')}")


def test_a_damaged_yunet_file_is_one_error(tmp_path):
    path = tmp_path / "yunet.onnx"
    path.write_bytes(b"\x08\x07nonsense" * 50)
    with pytest.raises(ModelFileError, match="cannot run it as YuNet"):
        open_finder(f"yunet:{path}")


def test_haar_boxes_come_surest_first(clip):
    scores = [face.score for face in HaarFinder().find(np.hstack([clip[0][0]] * 2))]
    assert scores == sorted(scores, reverse=True)
