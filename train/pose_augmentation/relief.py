"""A picture as a relief that can be turned: every pixel gets a depth, the face's or one like it.

The face takes its depth from a mesh. What lies round it takes the depth of the nearest part of the
face, moves with it there and the less the nearer it lies to the border of the picture, which stays
where it is: so the turned picture has no empty corners (the anchors of Zhu et al., CVPR 2016,
section 5, serve the same end).

Turning moves many points per pixel; the pixel takes the mean motion of those in front, and the
picture is sampled where they came from. Where nothing arrives, the motion is that of the
surroundings.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from landmarks.types import Floats, Image, Ints

_MESH_STEPS = 5  # samples along each side of a quad: closer than pixels
_STEPS = 3  # samples along each side of a pixel; odd, so that one lies in its centre
_SAME_SURFACE_PX = 2.0  # depths within a pixel that belong together
_SPECK_PX = 5
_CLOSING_PX = 15  # eyes and an open mouth are holes of the mesh
_SMOOTH_PX = 6.0  # of the depth beside the face


def turn_picture(
    image: Image, mesh_camera: Floats, quads: Ints, turn: Floats, centre_camera: Floats
) -> Image:
    """Return the picture with the head turned.

    Args:
        image: RGB uint8 (height, width, 3).
        mesh_camera: (v, 3), the face: pixels of the picture, and the depth away from the viewer.
        quads: (q, 4), vertices.
        turn: (3, 3), rotation in camera axes.
        centre_camera: (3,), what it leaves in its place.

    Raises:
        ValueError: the face does not lie in the picture.
    """
    depth, beside = _relief(mesh_camera, quads, image.shape[:2])
    motion, new_depth = _motion(depth, beside, turn, centre_camera)
    arrived = _arrived(motion, new_depth)
    height, width = depth.shape
    x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    return np.asarray(
        cv2.remap(
            image,
            x - arrived[..., 0],
            y - arrived[..., 1],
            cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REPLICATE,
        ),
        np.uint8,
    )


def _relief(mesh_camera: Floats, quads: Ints, shape: tuple[int, ...]) -> tuple[Floats, Floats]:
    """Return the depth of each pixel and how far it lies beside the face, float32 (h, w)."""
    t = (np.arange(_MESH_STEPS) + 0.5) / _MESH_STEPS
    u, v = (part.ravel() for part in np.meshgrid(t, t))
    bilinear = np.stack([(1 - u) * (1 - v), u * (1 - v), u * v, (1 - u) * v], axis=1)
    points = (bilinear.astype(np.float32) @ mesh_camera.astype(np.float32)[quads]).reshape(-1, 3)
    pixels, inside = _pixels(points[:, 0], points[:, 1], shape)
    nearest = np.full(shape[0] * shape[1], np.inf, np.float32)
    np.minimum.at(nearest, pixels, points[inside, 2])
    nearest = nearest.reshape(shape)
    known = np.isfinite(nearest)
    if not known.any():
        raise ValueError("the face does not lie in the picture")
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (_CLOSING_PX, _CLOSING_PX))
    # closed in a wider picture: at its border OpenCV would close nothing
    wide = np.pad(known.astype(np.uint8), _CLOSING_PX)
    closed = cv2.morphologyEx(wide, cv2.MORPH_CLOSE, kernel)
    face = closed[_CLOSING_PX:-_CLOSING_PX, _CLOSING_PX:-_CLOSING_PX] > 0
    depth = _filled(np.where(known, nearest, 0)[..., None], known)[..., 0]
    beside, labels = cv2.distanceTransformWithLabels(
        (~face).astype(np.uint8), cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
    )
    of_label = np.zeros(labels.max() + 1, np.float32)
    of_label[labels[face]] = depth[face]
    outside = of_label[labels]
    blurred = cv2.GaussianBlur(outside, (0, 0), _SMOOTH_PX)
    near = np.minimum(beside / (2 * _SMOOTH_PX), 1)  # no step where the face ends
    depth = np.where(face, depth, outside + near * (blurred - outside))
    return np.asarray(depth, np.float32), np.asarray(beside, np.float32)


def _motion(depth: Floats, beside: Floats, turn: Floats, centre: Floats) -> tuple[Floats, Floats]:
    """Return how far each pixel moves, (h, w, 2), and its depth afterwards."""
    height, width = depth.shape
    x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    border = np.minimum(np.minimum(x, width - 1 - x), np.minimum(y, height - 1 - y))
    share = np.where(beside > 0, border / np.maximum(border + beside, 1e-6), 1)
    points = np.stack([x, y, depth], axis=-1) - centre.astype(np.float32)
    moved = points @ (turn - np.eye(3)).T.astype(np.float32)
    # a face is never hidden by its surroundings
    return share[..., None] * moved[..., :2], depth + moved[..., 2] + beside


def _arrived(motion: Floats, depth: Floats) -> Floats:
    """Return for each pixel the motion that ended there, (h, w, 2)."""
    height, width = depth.shape
    t = (np.arange(-(_STEPS // 2), (_STEPS + 1) // 2) / _STEPS).astype(np.float32)
    fine_x = (np.arange(width, dtype=np.float32)[:, None] + t).ravel()
    fine_y = (np.arange(height, dtype=np.float32)[:, None] + t).ravel()
    x, y = np.meshgrid(fine_x, fine_y)
    fine = cv2.remap(
        np.dstack([motion, depth]).astype(np.float32),
        x,
        y,
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )
    pixels, inside = _pixels((x + fine[..., 0]).ravel(), (y + fine[..., 1]).ravel(), depth.shape)
    samples = fine.reshape(-1, 3)[inside]
    front = np.full(height * width, np.inf, np.float32)
    np.minimum.at(front, pixels, samples[:, 2])
    # where the front is stretched, single samples of what lies behind show through
    speck = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (_SPECK_PX, _SPECK_PX))
    front = cv2.morphologyEx(front.reshape(height, width), cv2.MORPH_OPEN, speck).ravel()
    seen = samples[:, 2] <= front[pixels] + _SAME_SURFACE_PX
    pixels, samples = pixels[seen], samples[seen]
    count = np.bincount(pixels, minlength=height * width)
    sums = [np.bincount(pixels, samples[:, axis], height * width) for axis in (0, 1)]
    mean = np.stack(sums, axis=-1) / np.maximum(count, 1)[:, None]
    arrived = mean.reshape(height, width, 2).astype(np.float32)
    return _filled(arrived, count.reshape(height, width) > 0)


def _pixels(x: Floats, y: Floats, shape: tuple[int, ...]) -> tuple[Ints, Ints]:
    """Return the flat index of the pixel of each place inside the picture, and which those are."""
    column, row = np.rint(x).astype(np.int32), np.rint(y).astype(np.int32)
    inside = np.flatnonzero((column >= 0) & (column < shape[1]) & (row >= 0) & (row < shape[0]))
    return row[inside] * shape[1] + column[inside], inside


def _filled(values: Floats, known: npt.NDArray[np.bool_]) -> Floats:
    """Fill unknown pixels of (h, w, c) with the mean of what is known round them, ever wider."""
    filled = np.asarray(values, np.float32).copy()
    known = known.copy()
    sigma = 1.0
    while not known.all():
        weight = cv2.GaussianBlur(known.astype(np.float32), (0, 0), sigma)
        blurred = cv2.GaussianBlur(filled * known[..., None], (0, 0), sigma)
        blurred = blurred.reshape(filled.shape)
        new = ~known & (weight > 0.05)
        filled[new] = blurred[new] / weight[new][:, None]
        known |= new
        sigma *= 1.5
    return filled
