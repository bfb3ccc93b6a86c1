from pathlib import Path

import numpy as np
import pytest

from edge.models import model_path
from landmarks.boxes import face_box
from landmarks.errors import DatasetError, UsageError
from landmarks.faces import read_labelled_faces
from landmarks.locate import Localizer
from landmarks.metrics import nme
from landmarks.schemes import IBUG68
from train.__main__ import main
from train.models.any_network import open_any
from train.preparation.prepare import prepare
from train.preparation.prepared import open_prepared
from train.selftrain.pseudo_label_folder import label_face, label_folder

FACES = Path(__file__).parents[3] / "calib_data/faces"
TEACHER = model_path("default")
N = 12


@pytest.fixture(scope="module")
def faces():
    return read_labelled_faces(FACES)[:N]


@pytest.fixture(scope="module")
def prepared(faces, tmp_path_factory):
    out = tmp_path_factory.mktemp("prepared") / "faces"
    prepare(faces, out, dataset="bundled", subset="all", scheme="300w-68", terms="ask")
    return out


@pytest.fixture(scope="module")
def teacher():
    return Localizer.of(open_any(TEACHER))


def test_labels_lie_on_the_faces_of_a_prepared_folder(prepared, tmp_path):
    info = label_folder(prepared, [TEACHER], tmp_path / "seen", keep_percent=100)
    truth, seen = open_prepared(prepared), open_prepared(tmp_path / "seen")
    assert (info.n, info.scheme, info.terms) == (N, "300w-68", "ask")
    assert seen.info.names == truth.info.names
    assert seen.info.subset == "all, labelled by asmpip-144"
    errors = [nme(a, b, IBUG68) for a, b in zip(seen.points_crop, truth.points_crop, strict=True)]
    assert np.mean(errors) < 0.06
    for points in seen.points_crop:  # cut anew, round what was found
        assert face_box(points).centre == pytest.approx(seen.info.box_crop.centre, abs=0.01)


def test_a_rough_box_is_made_good(teacher, faces):
    face = faces[0]
    exact = face_box(face.points_frame)
    x, y = exact.centre
    rough = type(exact).from_centre((x + 0.1 * exact.width, y), 1.1 * exact.width)
    image = face.picture.read()
    labels = [label_face([teacher], image, box).points for box in (exact, rough)]
    assert nme(*labels, IBUG68) < 0.01


def test_a_face_and_its_mirror_image_get_the_same_label_but_for_the_place_of_the_labels(
    teacher, faces
):
    """300W's labels lie to the right, in a picture and in its mirror image (experiment E10)."""
    image = faces[1].picture.read()
    box = face_box(faces[1].points_frame)
    width = image.shape[1]
    mirrored_box = type(box)(width - 1 - box.x1, box.y0, width - 1 - box.x0, box.y1)
    label = label_face([teacher], image, box)
    other = label_face([teacher], np.ascontiguousarray(image[:, ::-1]), mirrored_box)
    apart = label.points - IBUG68.mirrored(other.points, width)
    shift = teacher.network.card.training["config"]["augment"]["mirror_shift"]
    assert shift > 0
    np.testing.assert_allclose(apart[:, 0], shift * face_box(label.points).width, rtol=0.02)
    np.testing.assert_allclose(apart[:, 1], 0, atol=1e-3)
    assert label.disagreement == pytest.approx(other.disagreement, rel=0.05)


def test_several_teachers_are_averaged(teacher, faces):
    other = Localizer.of(open_any("asmpip-144-int8.onnx"))
    image, box = faces[2].picture.read(), face_box(faces[2].points_frame)
    alone = [label_face([each], image, box).points for each in (teacher, other)]
    both = label_face([teacher, other], image, box)
    np.testing.assert_allclose(both.points, np.mean(alone, axis=0), atol=1e-3)


def test_the_least_sure_faces_are_left_out(prepared, teacher, faces, tmp_path):
    info = label_folder(prepared, [TEACHER], tmp_path / "seen", keep_percent=50)
    data = open_prepared(prepared)
    doubt = {
        name: label_face([teacher], np.asarray(data.crops[i]), data.info.box_crop).disagreement
        for i, name in enumerate(data.info.names)
    }
    surest = sorted(doubt, key=lambda name: doubt[name])[: N // 2]
    assert sorted(info.names) == sorted(surest)


def test_the_folder_itself_is_no_place_for_the_labels(prepared):
    with pytest.raises(UsageError, match="need a folder of their own"):
        label_folder(prepared, [TEACHER], prepared, keep_percent=80, force=True)
    assert open_prepared(prepared).info.n == N


def test_a_finder_labels_no_faces(prepared, tmp_path, capsys):
    with pytest.raises(Exception, match="finds faces and gives no landmarks"):
        label_folder(prepared, [model_path("finder-224")], tmp_path / "x", keep_percent=80)


def test_the_command_says_what_it_wrote(prepared, tmp_path, capsys):
    out = tmp_path / "seen"
    arguments = ["label", "--data", str(prepared), "--model", str(TEACHER), "--out", str(out)]
    assert not main(arguments)
    printed = capsys.readouterr().out
    assert (
        printed
        == f"{out}: {open_prepared(out).info.n} faces of bundled all, labelled by asmpip-144\n"
    )
    assert open_prepared(out).info.n in (9, 10)
    with pytest.raises(SystemExit, match="2"):
        main([*arguments, "--keep", "0"])
    assert "above 0 and up to 100" in capsys.readouterr().err


def test_a_folder_that_is_not_prepared_is_named(tmp_path):
    with pytest.raises(DatasetError, match="not a prepared folder"):
        label_folder(tmp_path, [TEACHER], tmp_path / "seen", keep_percent=80)
