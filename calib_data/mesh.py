"""A triangle mesh over a whole head, and the piecewise-affine maps it defines.

The mesh has the 68 landmarks and a ring of 16 more points on the border of a square around the
head. A face that smiles or turns moves the landmarks; the ring follows the face only as a rigid
body (a similarity), so a deformation fades out linearly between the face and the ring. Hair, ears,
neck and shoulders thus move with the head without a seam.

Two frames are used. The *head frame* is the mesh at rest: the unit is the side of the mean face's
box, the origin its centre, so that the ring lies at +-HEAD_HALF. The *picture frame* is in pixels.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

HEAD_HALF = 1.3
"""Half the side of the square that the mesh covers, in sides of the mean face's box."""

N_LANDMARKS = 68
_RING_PER_SIDE = 4

Float32 = NDArray[np.float32]


def ring_points() -> Float32:
    """Return the ring of the head frame: float32 (16, 2), box sides, clockwise."""
    t = np.linspace(-1.0, 1.0, _RING_PER_SIDE, endpoint=False)
    top = np.stack([t, -np.ones_like(t)], axis=1)
    right, bottom, left = top[:, ::-1] * [-1, 1], -top, top[:, ::-1] * [1, -1]
    return np.asarray(HEAD_HALF * np.concatenate([top, right, bottom, left]), np.float32)


NO_MAP = np.empty((0, 0), np.float32)
"""Second map of `cv2.remap` where the first one holds x and y."""


def similarity(source: NDArray[Any], target: NDArray[Any]) -> NDArray[np.float64]:
    """Fit the similarity that carries `source` nearest to `target` (Umeyama, no mirror).

    Args:
        source: (n, 2) points.
        target: (n, 2) points, in the same order.

    Returns:
        float64 (2, 3): apply as ``points @ m[:, :2].T + m[:, 2]``.
    """
    a, b = np.asarray(source, np.float64), np.asarray(target, np.float64)
    centre_a, centre_b = a.mean(0), b.mean(0)
    a, b = a - centre_a, b - centre_b
    norm = float((a**2).sum())
    cos = float((a * b).sum()) / norm
    sin = float((a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]).sum()) / norm
    linear = np.array([[cos, -sin], [sin, cos]])
    return np.concatenate([linear, (centre_b - linear @ centre_a)[:, None]], axis=1)


def apply_affine(matrix: NDArray[Any], points: NDArray[Any]) -> NDArray[Any]:
    """Carry (n, 2) points through a (2, 3) affine matrix."""
    return np.asarray(points @ matrix[:, :2].T + matrix[:, 2])


def with_ring(points: NDArray[Any], mean_shape: Float32) -> NDArray[np.float64]:
    """Append the ring to a face, placed by the face's similarity to the mean shape.

    Args:
        points: (68, 2) in any frame.
        mean_shape: float32 (68, 2), head frame.

    Returns:
        float64 (84, 2): the vertices of the mesh, in the frame of `points`.
    """
    pose = similarity(mean_shape, points)
    return np.concatenate([np.asarray(points, np.float64), apply_affine(pose, ring_points())])


def triangulate(mean_shape: Float32) -> NDArray[np.int32]:
    """Triangulate the mesh at rest: int32 (n, 3), indices of vertices, Delaunay."""
    return _delaunay(np.ascontiguousarray(mean_shape, np.float32).tobytes())


@lru_cache(maxsize=4)
def _delaunay(shape_bytes: bytes) -> NDArray[np.int32]:
    shape = np.frombuffer(shape_bytes, np.float32).reshape(-1, 2)
    vertices = np.concatenate([shape, ring_points()]).astype(np.float32)
    # Subdiv2D wants positive coordinates, and merges points that are nearer than about 1.
    scaled = ((vertices + 2 * HEAD_HALF) * 1000).astype(np.float32)
    subdivision = cv2.Subdiv2D((0, 0, int(4000 * HEAD_HALF), int(4000 * HEAD_HALF)))
    vertex_of: dict[int, int] = {}
    for index, (x, y) in enumerate(scaled):
        vertex_of[subdivision.insert((float(x), float(y)))] = index
    triangles = []
    for corners in np.asarray(subdivision.getTriangleList()).reshape(-1, 3, 2):
        gaps = np.linalg.norm(corners[:, None] - scaled[None], axis=2)
        if gaps.min(1).max() < 0.5:  # drops the triangles of the subdivision's own outer corners
            triangles.append(gaps.argmin(1))
    return np.asarray(triangles, np.int32)


def folded_share(vertices: NDArray[Any], triangles: NDArray[np.int32]) -> float:
    """Return the share of triangles turned over, relative to the orientation of most."""
    a, b, c = (vertices[triangles[:, k]] for k in range(3))
    area = (b[:, 0] - a[:, 0]) * (c[:, 1] - a[:, 1]) - (b[:, 1] - a[:, 1]) * (c[:, 0] - a[:, 0])
    sign = np.sign(np.median(area))
    return float(np.mean(area * sign <= 0))


def inverse_map(
    vertices_from: NDArray[Any],
    vertices_to: NDArray[Any],
    triangles: NDArray[np.int32],
    size: tuple[int, int],
) -> Float32:
    """Say, for every pixel of a raster, which point of the other frame it shows.

    Args:
        vertices_from: (84, 2) mesh in the raster's pixels.
        vertices_to: (84, 2) the same mesh in the frame to read from.
        triangles: int32 (n, 3).
        size: (height, width) of the raster.

    Returns:
        float32 (height, width, 2): (x, y) in the frame of `vertices_to`. Pixels outside the mesh
        follow the similarity between the two rings.
    """
    height, width = size
    source = np.asarray(vertices_from, np.float64)
    matrices = np.empty((len(triangles) + 1, 2, 3))
    ones = np.ones((3, 1))
    for index, triangle in enumerate(triangles):
        corners = np.concatenate([source[triangle], ones], axis=1)
        if abs(np.linalg.det(corners)) < 1e-12:
            corners = corners + 1e-6 * np.eye(3)
        matrices[index] = np.linalg.solve(corners, vertices_to[triangle]).T
    matrices[-1] = similarity(source[N_LANDMARKS:], vertices_to[N_LANDMARKS:])
    owner = np.full((height, width), len(triangles), np.int32)
    fixed = np.rint(source * 16).astype(np.int32)  # four fractional bits for fillConvexPoly
    for index, triangle in enumerate(triangles):
        cv2.fillConvexPoly(owner, fixed[triangle], index, lineType=cv2.LINE_8, shift=4)
    x, y = np.meshgrid(np.arange(width, dtype=np.float64), np.arange(height, dtype=np.float64))
    m = matrices[owner]  # (height, width, 2, 3)
    mapped = m[..., 0] * x[..., None] + m[..., 1] * y[..., None] + m[..., 2]
    return mapped.astype(np.float32)
