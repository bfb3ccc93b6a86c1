from pathlib import Path

import numpy as np
import pytest

from landmarks.errors import DatasetError, OutputExistsError, UsageError
from landmarks.faces import LabelledFace, read_labelled_faces
from landmarks.pose import head_pose
from landmarks.schemes import IBUG68
from train.__main__ import main
from train.pose_augmentation.turn import LEAST_TURN_DEG, MOST_TURN_DEG, choose_angles, turn_folder
from train.preparation.joined import open_joined
from train.preparation.prepare import prepare
from train.preparation.prepared import kept_together, open_prepared
from train.preparation.validation_split import split_validation

FACES = Path(__file__).parents[3] / "calib_data/faces"
N = 6


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    out = tmp_path_factory.mktemp("prepared") / "faces"
    faces = read_labelled_faces(FACES)[:N]
    prepare(faces, out, dataset="bundled", subset="all", scheme="300w-68", terms="ask")
    return out


def test_a_folder_is_turned_and_fits_its_original(prepared, face_folder, tmp_path):
    turned = turn_folder(prepared, face_folder, tmp_path / "turned")
    data = open_prepared(tmp_path / "turned")
    assert data.info == turned.info
    assert turned.info.n + turned.ill_fitted + turned.beyond == N
    assert turned.info.n >= N - 2
    assert (data.info.scheme, data.info.terms, data.info.dataset) == ("300w-68", "ask", "bundled")
    assert data.info.subset == "all, turned to a yaw of 20 to 60 degrees"
    for name, points in zip(data.info.names, data.points_crop, strict=True):
        wanted = float(name.partition("#yaw")[2])
        assert 20 <= abs(wanted) <= 60
        assert head_pose(points, IBUG68).yaw_deg == pytest.approx(wanted, abs=10)
    joined, _ = open_joined(prepared, [tmp_path / "turned"])
    assert joined.info.n == N + turned.info.n


def test_a_turned_face_stays_on_the_side_of_its_original(prepared, face_folder, tmp_path):
    info = turn_folder(prepared, face_folder, tmp_path / "turned", copies=2).info
    originals = open_prepared(prepared).info.names
    assert len(set(info.names)) == info.n > N
    assert {kept_together(name) for name in info.names} <= set(originals)
    names = (*originals, *info.names)
    _, held_out = split_validation(names, 50)
    held = {kept_together(names[i]) for i in held_out}
    assert sorted(held_out) == [i for i, n in enumerate(names) if kept_together(n) in held]


def test_the_faces_depend_on_the_seed_and_not_on_the_threads(prepared, face_folder, tmp_path):
    def digest(name, **options):
        return turn_folder(prepared, face_folder, tmp_path / name, **options).info.sha256

    one = digest("one", workers=1)
    assert digest("three", workers=3) == one
    assert digest("other", seed=2) != one


def test_a_share_of_the_faces_turns_as_it_would_among_all(prepared, face_folder, tmp_path):
    all_faces = turn_folder(prepared, face_folder, tmp_path / "all").info.names
    some = turn_folder(prepared, face_folder, tmp_path / "some", percent=60).info.names
    assert 0 < len(some) < len(all_faces)
    assert set(some) < set(all_faces)


def test_a_face_turns_on_to_the_side_that_it_looks_to():
    rng = np.random.default_rng(0)
    for yaw in (-52.0, -20.0, -6.0, 12.0, 38.0):
        for _ in range(50):
            new = choose_angles((yaw, 3.0, 7.0), (20.0, 60.0), rng)
            assert new is not None
            assert 20 <= new[0] * np.sign(yaw) <= 60
            assert LEAST_TURN_DEG - 1e-9 <= abs(new[0] - yaw) <= MOST_TURN_DEG + 1e-9
            assert np.sign(new[0]) == np.sign(yaw)
            assert abs(new[1] - 3) <= 15
            assert new[2] == 7


def test_a_frontal_face_turns_to_either_side():
    rng = np.random.default_rng(0)
    yaws = [choose_angles((2.0, 0.0, 0.0), (20.0, 60.0), rng)[0] for _ in range(40)]
    assert 10 < sum(yaw > 0 for yaw in yaws) < 30
    assert max(yaws) <= 47
    assert min(yaws) >= -43


@pytest.mark.parametrize("yaw", [57.0, -80.0])
def test_a_face_that_looks_aside_already_is_left_out(yaw):
    assert choose_angles((yaw, 0.0, 0.0), (20.0, 60.0), np.random.default_rng(0)) is None


def test_faces_that_do_not_fit_are_counted(prepared, face_folder, tmp_path, rng):
    faces = list(read_labelled_faces(FACES)[:N])
    wrong = faces[0].points_frame + rng.normal(0, 15, (68, 2)).astype(np.float32)
    faces[0] = LabelledFace(faces[0].picture, wrong)
    prepare(faces, tmp_path / "in", dataset="b", subset="all", scheme="300w-68")
    before = turn_folder(prepared, face_folder, tmp_path / "before")
    after = turn_folder(tmp_path / "in", face_folder, tmp_path / "after")
    assert after.ill_fitted == before.ill_fitted + 1


def test_what_cannot_be_done_is_said(prepared, face_folder, tmp_path):
    with pytest.raises(UsageError, match="yaw from 60 to 20: expected a smaller and a larger"):
        turn_folder(prepared, face_folder, tmp_path / "x", yaw_range_deg=(60, 20))
    with pytest.raises(UsageError, match="need a folder of their own"):
        turn_folder(prepared, face_folder, prepared, force=True)
    with pytest.raises(OutputExistsError):
        turn_folder(prepared, face_folder, prepared)
    with pytest.raises(DatasetError, match="no morphable face"):
        turn_folder(prepared, tmp_path, tmp_path / "x")
    with pytest.raises(DatasetError, match="no face is left"):
        turn_folder(prepared, face_folder, tmp_path / "x", yaw_range_deg=(85, 90))
    assert not (tmp_path / "x").exists()


def test_other_landmarks_are_refused(face_folder, tmp_path, rng):
    face = read_labelled_faces(FACES)[0]
    points = rng.uniform(50, 90, (98, 2)).astype(np.float32)
    wflw = [LabelledFace(face.picture, points)]
    prepare(wflw, tmp_path / "wflw", dataset="w", subset="all", scheme="wflw-98")
    with pytest.raises(DatasetError, match="landmarks of wflw-98, expected 300w-68"):
        turn_folder(tmp_path / "wflw", face_folder, tmp_path / "x")


def test_the_command_says_what_it_wrote_and_left_out(prepared, face_folder, tmp_path, capsys):
    out = tmp_path / "turned"
    arguments = ["turn", "--data", str(prepared), "--face", str(face_folder), "--out", str(out)]
    assert not main([*arguments, "--yaw", "30", "50"])
    first, second = capsys.readouterr().out.splitlines()
    n = open_prepared(out).info.n
    assert first == f"{out}: {n} faces of bundled all, turned to a yaw of 30 to 50 degrees"
    assert second.startswith("left out: ")
    with pytest.raises(SystemExit, match="2"):
        main([*arguments, "--copies", "0"])
    assert "must be above 0" in capsys.readouterr().err
