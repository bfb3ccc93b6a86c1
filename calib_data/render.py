"""Render a sampled head into a picture, with its exact 68 points."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from calib_data.appearance import AppearanceModel
from calib_data.camera import draw_camera, photograph
from calib_data.head_raster import draw_style, paint_head, raster_pixels
from calib_data.mesh import (
    NO_MAP,
    apply_affine,
    folded_share,
    inverse_map,
    triangulate,
    with_ring,
)
from calib_data.scene import draw_background
from landmarks.boxes import face_box

Float32 = NDArray[np.float32]
UInt8 = NDArray[np.uint8]

PICTURE_SIZE = 192
"""Side of a calibration picture in pixels."""

_MAX_FOLDED = 0.02  # share of mesh triangles that may be turned over in a sampled shape


@dataclass(frozen=True)
class Face:
    """A rendered synthetic face.

    Attributes:
        picture: RGB uint8 (height, width, 3).
        points: float32 (68, 2), pixels of the picture, pixel centres at integers.
        coefficients: float32 (n,), the head's place in the appearance model.
    """

    picture: UInt8
    points: Float32
    coefficients: Float32


def render_face(model: AppearanceModel, seed: int, index: int = 0) -> Face:
    """Sample and render one face; the same seed and index give the same pixels.

    Args:
        model: the sampler.
        seed: seed of a set of faces.
        index: number of the face in its set.
    """
    rng = np.random.default_rng([seed, index])
    coefficients = draw_head(model, rng)
    points = _place(model.shape(coefficients), rng)
    head = paint_head(model, coefficients, draw_style(rng))
    scene = draw_background(rng, PICTURE_SIZE, PICTURE_SIZE)
    scene = composite(scene, head, points, model.mean_shape)
    picture = photograph(scene, draw_camera(rng), rng)
    return Face(picture, points, coefficients)


def draw_head(model: AppearanceModel, rng: np.random.Generator) -> Float32:
    """Draw coefficients whose shape can be a face: no part of the mesh turned over."""
    triangles = triangulate(model.mean_shape)
    for _ in range(50):
        coefficients = model.draw(rng)
        vertices = with_ring(model.shape(coefficients), model.mean_shape)
        if folded_share(vertices, triangles) <= _MAX_FOLDED:
            return coefficients
    raise RuntimeError("the sampler's shapes fold over themselves; fit it again")


def composite(scene: Float32, head: Float32, points: Float32, mean_shape: Float32) -> Float32:
    """Warp a painted head onto its points and lay it over a scene.

    Args:
        scene: float32 (height, width, 3), RGB 0..255.
        head: float32 (h, w, 4), from `paint_head`.
        points: float32 (68, 2), pixels of the scene.
        mean_shape: float32 (68, 2), head frame.

    Returns:
        float32 (height, width, 3), RGB 0..255.
    """
    rest = raster_pixels(with_ring(mean_shape, mean_shape))
    where = inverse_map(
        with_ring(points, mean_shape), rest, triangulate(mean_shape), scene.shape[:2]
    )
    layer = cv2.remap(
        head, _soften(where, points), NO_MAP, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )
    alpha = np.clip(layer[..., 3:], 0, 1)
    return np.asarray(np.clip(scene * (1 - alpha) + layer[..., :3] * alpha, 0, 255), np.float32)


def _soften(where: Float32, points: Float32) -> Float32:
    """Round the map's creases outside the face, where triangles are long and hair would kink."""
    side = face_box(points).width
    outside = np.ones(where.shape[:2], np.uint8)
    hull = cv2.convexHull(np.rint(points * 16).astype(np.int32))
    cv2.fillConvexPoly(outside, hull, 0, shift=4)
    weight = np.clip(cv2.distanceTransform(outside, cv2.DIST_L2, 5) / (0.12 * side), 0, 1)[
        ..., None
    ]
    smooth = cv2.GaussianBlur(where, (0, 0), 0.10 * side)
    return np.asarray(where + weight * (smooth - where), np.float32)


def _place(shape: Float32, rng: np.random.Generator) -> Float32:
    """Turn, scale and move a face into a calibration picture: float32 (68, 2), pixels."""
    angle = np.deg2rad(np.clip(rng.normal(0, 12), -32, 32))
    cos, sin = np.cos(angle), np.sin(angle)
    turned = apply_affine(np.array([[cos, -sin, 0], [sin, cos, 0]]), shape)
    box = face_box(turned.astype(np.float32))
    scale = rng.uniform(100, 125) / (box.x1 - box.x0)
    centre = (PICTURE_SIZE - 1) / 2 + rng.normal(0, 3.5, 2)
    return np.asarray((turned - box.centre) * scale + centre, np.float32)
