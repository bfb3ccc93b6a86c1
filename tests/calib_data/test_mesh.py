from __future__ import annotations

import numpy as np
import pytest

from calib_data import SAMPLER_PATH
from calib_data.appearance import load_model
from calib_data.mesh import (
    apply_affine,
    folded_share,
    inverse_map,
    similarity,
    triangulate,
    with_ring,
)


@pytest.fixture(scope="module")
def mean_shape():
    return load_model(SAMPLER_PATH).mean_shape


def test_similarity_recovers_a_known_pose():
    points = np.random.default_rng(0).normal(size=(68, 2))
    angle, scale = 0.4, 3.0
    pose = np.array(
        [
            [scale * np.cos(angle), -scale * np.sin(angle), 5.0],
            [scale * np.sin(angle), scale * np.cos(angle), -2.0],
        ]
    )
    np.testing.assert_allclose(similarity(points, apply_affine(pose, points)), pose, atol=1e-9)


def test_mesh_at_rest_has_no_folded_triangle_and_uses_every_vertex(mean_shape):
    triangles = triangulate(mean_shape)
    assert folded_share(with_ring(mean_shape, mean_shape), triangles) == 0
    assert set(triangles.ravel()) == set(range(84))


def test_warp_of_the_mean_shape_onto_itself_is_the_identity(mean_shape):
    rest = with_ring(mean_shape, mean_shape) * 40 + 60
    where = inverse_map(rest, rest, triangulate(mean_shape), (120, 130))
    x, y = np.meshgrid(np.arange(130), np.arange(120))
    np.testing.assert_allclose(where, np.stack([x, y], axis=2), atol=1e-3)


def test_warp_carries_each_landmark_to_its_place_at_rest(mean_shape):
    rng = np.random.default_rng(1)
    points = np.rint((mean_shape + rng.normal(0, 0.01, (68, 2))) * 300 + 400)
    rest = with_ring(mean_shape, mean_shape)
    where = inverse_map(with_ring(points, mean_shape), rest, triangulate(mean_shape), (800, 800))
    for point, expected in zip(points.astype(int), mean_shape, strict=True):
        assert np.abs(where[point[1], point[0]] - expected).max() < 0.02
