from __future__ import annotations

import os
from pathlib import Path

import cv2
import numpy as np
import pytest

from calib_data import FACES_DIR, SAMPLER_PATH, face_pictures
from calib_data.appearance import load_model
from calib_data.mesh import inverse_map, triangulate, with_ring
from calib_data.render import PICTURE_SIZE, render_face
from calib_data.training_set import list_training_faces
from landmarks.boxes import face_box
from landmarks.pictures import read_picture
from landmarks.pts import read_pts

DATA = Path(
    os.environ.get("EDGE_LANDMARKS_DATA")
    or Path(__file__).resolve().parents[2].parent / "shared" / "data"
)


@pytest.fixture(scope="module")
def model():
    return load_model(SAMPLER_PATH)


def test_same_seed_gives_the_same_pixels_and_another_index_does_not(model):
    first, again, other = (render_face(model, 3, index) for index in (0, 0, 1))
    assert np.array_equal(first.picture, again.picture)
    assert np.array_equal(first.points, again.points)
    assert not np.array_equal(first.picture, other.picture)


def test_rendered_face_is_an_rgb_picture_with_68_points_inside(model):
    face = render_face(model, 5)
    assert face.picture.shape == (PICTURE_SIZE, PICTURE_SIZE, 3)
    assert face.picture.dtype == np.uint8
    assert face.points.shape == (68, 2)
    assert face.points.dtype == np.float32
    assert (face.points >= 0).all() and (face.points <= PICTURE_SIZE - 1).all()


def test_bundle_pairs_each_picture_with_its_points():
    pictures = face_pictures()
    assert len(pictures) >= 128
    assert [p.stem for p in pictures] == sorted(p.stem for p in FACES_DIR.glob("*.pts"))


def test_bundled_points_lie_inside_and_the_face_fills_most_of_the_picture():
    for path in face_pictures():
        points = read_pts(path.with_suffix(".pts"))
        box = face_box(points)
        assert points.shape == (68, 2)
        assert points.min() >= 0 and points.max() <= PICTURE_SIZE - 1
        assert 99 <= box.width <= 126


def test_bundle_is_what_its_seed_draws(model):
    stored = read_picture(face_pictures()[0]).astype(np.float32)
    face = render_face(model, 7, 0)
    assert np.abs(stored - face.picture).mean() < 4  # the file's JPEG compression
    np.testing.assert_allclose(read_pts(FACES_DIR / "face_000.pts"), face.points, atol=0.02)


def test_bundle_stays_small():
    assert sum(path.stat().st_size for path in FACES_DIR.iterdir()) < 2.5e6
    assert SAMPLER_PATH.stat().st_size <= 2 * 2**20


@pytest.mark.skipif(not (DATA / "300w").is_dir(), reason=f"no training data in {DATA}")
def test_no_bundled_face_is_the_picture_of_a_training_face(model):
    people = list_training_faces(DATA)[::8]  # a sample keeps the test fast
    training = np.stack([_thumbnail(f.wide, f.points_wide, model) for f in people])
    bundled = np.stack(
        [_thumbnail(p, read_pts(p.with_suffix(".pts")), model) for p in face_pictures()]
    )
    likeness = (bundled @ training.T).max()
    # A copy, even in other light and compressed again, would be near 1.
    assert likeness < 0.97


def _thumbnail(path, points, model):
    """Grey values of an aligned face, 24 x 24, as a unit vector."""
    mean_shape = model.mean_shape
    rest = with_ring(mean_shape, mean_shape) * 24 + 11.5
    where = inverse_map(rest, with_ring(points, mean_shape), triangulate(mean_shape), (24, 24))
    grey = cv2.cvtColor(read_picture(path), cv2.COLOR_RGB2GRAY)
    values = cv2.remap(grey, where, None, cv2.INTER_LINEAR).astype(np.float32).ravel()
    values -= values.mean()
    return values / (np.linalg.norm(values) + 1e-6)
