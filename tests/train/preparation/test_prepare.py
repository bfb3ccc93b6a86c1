import dataclasses
import threading
import time

import numpy as np
import pytest

from landmarks.boxes import Box, face_box
from landmarks.errors import DatasetError, OutputExistsError, PictureError
from landmarks.faces import LabelledFace, read_labelled_faces
from landmarks.pictures import read_picture
from train.datasets.bad_files import BadFiles
from train.datasets.unlabelled import UnlabelledFace
from train.datasets.w300 import read_w300
from train.preparation.prepare import (
    AHEAD,
    CONTACT_SHEET,
    PREPARED_SCALE,
    face_names,
    prepare,
)
from train.preparation.prepared import PREPARED_SIZE, open_prepared

WORDS = {"dataset": "drawn", "subset": "train", "scheme": "300w-68"}
FILES = ["contact_sheet.jpg", "crops.npy", "points.npy", "prepared.json"]


@pytest.fixture
def faces(tmp_path, draw_faces):
    return read_labelled_faces(draw_faces(tmp_path / "faces", 7))


@pytest.fixture
def out(tmp_path):
    return tmp_path / "prepared"


def files(folder):
    return sorted(path.name for path in folder.iterdir())


def test_every_face_fills_the_same_part_of_its_crop(faces, out):
    prepare(faces, out, **WORDS)
    for points in open_prepared(out).points_crop:
        box = face_box(points)
        assert box.centre == pytest.approx(((PREPARED_SIZE - 1) / 2,) * 2, abs=0.01)
        assert box.width == pytest.approx(PREPARED_SIZE / PREPARED_SCALE, abs=0.01)


def test_larger_crops_show_the_same_part_of_the_picture(faces, out, tmp_path):
    prepare(faces, out, **WORDS)
    prepare(faces, tmp_path / "larger", size=320, **WORDS)
    usual, larger = open_prepared(out), open_prepared(tmp_path / "larger")
    assert larger.crops.shape == (7, 320, 320, 3)
    assert (larger.info.size, larger.info.scale) == (320, usual.info.scale)
    unit = [(data.points_crop + 0.5) / data.info.size for data in (usual, larger)]
    np.testing.assert_allclose(unit[1], unit[0], atol=1e-5)


def test_a_complete_folder_holds_four_files(faces, out):
    prepare(faces, out, **WORDS)
    assert files(out) == FILES
    assert read_picture(out / CONTACT_SHEET).shape == (PREPARED_SIZE, 7 * PREPARED_SIZE, 3)


@pytest.mark.parametrize("workers", [1, 2, 5])
def test_bytes_do_not_depend_on_the_number_of_workers(faces, out, tmp_path, workers):
    rng = np.random.default_rng(workers)

    @dataclasses.dataclass(frozen=True)
    class Slow:
        picture: object
        name: str

        def read(self):
            time.sleep(rng.uniform(0, 0.01))
            return self.picture.read()

    slow = [dataclasses.replace(f, picture=Slow(f.picture, f.picture.name)) for f in faces]
    expected = prepare(faces, out, **WORDS)
    info = prepare(slow, tmp_path / "again", workers=workers, **WORDS)
    assert info == expected
    for name in ("crops.npy", "points.npy", "prepared.json"):
        assert (tmp_path / "again" / name).read_bytes() == (out / name).read_bytes()


def test_other_faces_have_another_digest(faces, out):
    digest = prepare(faces, out, **WORDS).sha256
    assert prepare(faces[:2], out, force=True, **WORDS).sha256 != digest


def test_only_a_few_pictures_are_held_at_a_time(faces, out):
    lock, held, most = threading.Lock(), 0, 0

    class Picture:
        name = "a.png"

        def read(self):
            nonlocal held, most
            with lock:
                held += 1
                most = max(most, held)
            return faces[0].picture.read()

    class Countdown(BadFiles):
        def tolerated(self):
            nonlocal held
            with lock:
                held -= 1
            return super().tolerated()

    many = [LabelledFace(Picture(), faces[0].points_frame)] * 60
    prepare(many, out, workers=2, bad=Countdown(), **WORDS)
    assert most <= 2 * AHEAD + 1


def test_a_bad_picture_stops_the_work_and_leaves_nothing(faces, out):
    faces[3].picture.path.write_bytes(b"broken")
    with pytest.raises(PictureError, match="face_003.png"):
        prepare(faces, out, **WORDS)
    assert files(out) == []


def test_bad_pictures_leave_no_hole_when_skipped(faces, out, tmp_path):
    good = [face for i, face in enumerate(faces) if i not in (0, 3)]
    expected = prepare(good, tmp_path / "good", **WORDS)
    for i in (0, 3):
        faces[i].picture.path.write_bytes(b"broken")
    bad = BadFiles(skip=True)
    info = prepare(faces, out, bad=bad, **WORDS)
    assert (info.n, info.skipped, info.sha256) == (5, 2, expected.sha256)
    assert info.names == expected.names
    assert open_prepared(out).crops.shape[0] == 5


def test_bad_labels_that_the_reader_met_are_counted_too(faces, out):
    bad = BadFiles(skip=True, messages=["a.pts: bad"])
    assert prepare(faces, out, bad=bad, **WORDS).skipped == 1


@pytest.mark.parametrize("shift", [(500, 0), (0, -500)])
def test_a_face_outside_its_picture_is_bad(faces, out, shift):
    odd = dataclasses.replace(faces[0], points_frame=faces[0].points_frame + np.float32(shift))
    with pytest.raises(DatasetError, match=r"face_000\.pts:4: point 1 .* lies nowhere"):
        prepare([odd], out, **WORDS)


def test_a_face_without_extent_is_bad(faces, out):
    odd = dataclasses.replace(faces[0], points_frame=np.full((68, 2), 50, np.float32))
    with pytest.raises(DatasetError, match="0 px wide"):
        prepare([odd], out, **WORDS)


def test_no_face_left_is_an_error(faces, out):
    faces[0].picture.path.write_bytes(b"broken")
    with pytest.raises(DatasetError, match="no face is left of 1"):
        prepare(faces[:1], out, bad=BadFiles(skip=True), **WORDS)


def test_complete_folder_is_replaced_only_with_force(faces, out):
    prepare(faces, out, **WORDS)
    with pytest.raises(OutputExistsError):
        prepare(faces[:1], out, **WORDS)
    assert open_prepared(out).info.n == 7
    prepare(faces[:1], out, **WORDS, force=True)
    assert open_prepared(out).info.n == 1


def test_interrupted_replacement_keeps_the_old_folder_whole(faces, out):
    before = prepare(faces, out, **WORDS)

    class Interrupted:
        name = "a.png"

        def read(self):
            raise KeyboardInterrupt

    odd = dataclasses.replace(faces[0], picture=Interrupted())
    with pytest.raises(KeyboardInterrupt):
        prepare([*faces[:2], odd], out, **WORDS, force=True)
    assert files(out) == FILES
    assert open_prepared(out).info == before


def test_a_folder_whose_arrays_are_being_replaced_is_not_complete(faces, out, monkeypatch):
    prepare(faces, out, **WORDS)

    def fail(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("train.preparation.prepare.draw_contact_sheet", fail)
    with pytest.raises(KeyboardInterrupt):
        prepare(faces[:1], out, **WORDS, force=True)
    with pytest.raises(DatasetError, match="not a prepared folder"):
        open_prepared(out)


def test_what_a_killed_run_left_half_written_goes_with_the_next_one(faces, out):
    out.mkdir()
    (out / ".crops.half-written-x7_wq01a.npy").write_bytes(b"half")
    prepare(faces[:1], out, **WORDS)
    assert files(out) == FILES


def test_unlabelled_faces_are_cut_round_their_box(faces, out):
    prepare(faces, out, **WORDS)
    box = Box.from_centre((70.0, 60.0), 40.0)
    info = prepare(
        [UnlabelledFace(face.picture, box) for face in faces],
        out,
        dataset="drawn",
        subset="all",
        scheme=None,
        force=True,
    )
    assert (info.scheme, info.n, info.groups) == (None, 7, {})
    assert files(out) == [name for name in FILES if name != "points.npy"]
    crop = open_prepared(out, labelled=False).crops[0]
    expected = faces[0].picture.read()[60, 70].astype(int)
    middle = crop[127:129, 127:129].reshape(-1, 3).mean(axis=0)
    assert np.abs(middle - expected).max() < 25


def test_limit_takes_faces_evenly_spread(faces, out):
    info = prepare(faces, out, limit=3, **WORDS)
    assert info.names == ("face_000.png", "face_003.png", "face_006.png")
    assert prepare(faces, out, limit=99, force=True, **WORDS).n == 7


def test_groups_are_kept_as_indices_of_prepared_faces(faces, out):
    groups = [("pose",), (), ("blur", "pose"), (), (), (), ("blur",)]
    marked = [dataclasses.replace(f, groups=g) for f, g in zip(faces, groups, strict=True)]
    marked[1].picture.path.write_bytes(b"broken")
    prepare(marked, out, bad=BadFiles(skip=True), **WORDS)
    assert open_prepared(out).info.groups == {"blur": (1, 5), "pose": (0, 1)}


def test_terms_travel_with_the_data(faces, out):
    prepare(faces, out, terms="research", **WORDS)
    assert open_prepared(out).info.terms == "research"


def test_faces_of_one_picture_are_numbered():
    assert face_names(["a", "b", "a", "a", "b"]) == ["a", "b", "a#1", "a#2", "b#1"]


def test_real_300w_is_prepared_with_its_faces_in_the_middle(shared_data, out):
    root = shared_data / "300w"
    if not root.is_dir():
        pytest.skip(f"no 300W at {root}")
    info = prepare(read_w300(root, "common"), out, limit=40, **WORDS)
    assert info.groups == {"common": tuple(range(40))}
    assert len(set(info.names)) == 40
    data = open_prepared(out)
    edges = np.array([info.box_crop.x0, info.box_crop.x1])
    assert ((edges[0] - 0.1 < data.points_crop) & (data.points_crop < edges[1] + 0.1)).all()
    assert (data.crops.reshape(40, -1).std(axis=1) > 10).all()
