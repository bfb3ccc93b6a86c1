"""Scenes: what a finder is shown in training, put together from pieces of frames.

A scene is one frame as a camera gives it, one frame moved, turned and scaled, or a mosaic of four
or nine (Bochkovskiy et al. 2020), some of them where they show no face. Frames are few and their
faces large and in the middle; scenes have faces of all sizes anywhere.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from math import atan2, degrees, nan

import numpy as np

from landmarks.boxes import Box, face_box
from landmarks.crop import CropTransform, crop_transform
from landmarks.find import whole_frame
from landmarks.schemes import IBUG68
from landmarks.types import Floats, Image, Ints
from train.augmentation import photometric
from train.datasets.frames import SURE_SCORE, Frame
from train.settings.finder import SceneConfig

Rectangle = tuple[int, int, int, int]  # x0, y0, x1, y1 in pixels of the scene, the last ones not in
SEEN_SHARE, GONE_SHARE = 0.6, 0.15  # of a face that is cut: above, it counts; below, it is gone
MOST_ENLARGED = 1.6  # a frame's pixels are not blown up beyond it
MOST_CLOSER = 1.2  # logarithm of the zoom into a place without a face


@dataclass(frozen=True)
class Scene:
    """A training input and what is known of it.

    Attributes:
        image: uint8 (size, size, 3).
        faces: float32 (n, 3), centre x, y and side of canonical boxes, pixels of the scene.
        ignored: the same for places that are neither face nor background.
        rolls_deg: float32 (n,), roll of the faces, clockwise; NaN where nobody knows it.
    """

    image: Image
    faces: Floats
    ignored: Floats
    rolls_deg: Floats


@dataclass(frozen=True)
class _Placed:
    """A face in a scene."""

    box: Box
    sure: bool
    roll_deg: float


def make_scene(
    frame: int,
    rng: np.random.Generator,
    *,
    frames: Callable[[int], tuple[Frame, Image]],
    others: Ints,
    size: int,
    config: SceneConfig,
) -> Scene:
    """Make one scene.

    Args:
        frame: number of the frame that must be in it.
        rng: source of all randomness.
        frames: gives a frame and its picture.
        others: int (n,), numbers of the frames that a mosaic may take.
        size: side of the scene in pixels.
        config: how scenes are made.
    """
    image = np.zeros((size, size, 3), np.uint8)
    placed: list[_Placed] = []
    whole = rng.random() < config.whole
    pieces = _grid(size, 1 if whole else _pieces_along(rng, config), rng)
    numbers = [frame, *rng.choice(others, len(pieces) - 1)]
    for number, (x0, y0, x1, y1) in zip(numbers, pieces, strict=True):
        one, picture = frames(int(number))
        width, height = x1 - x0, y1 - y0
        if whole:
            transform = crop_transform(whole_frame(picture), size=size, scale=1.0)
        else:
            transform = _cut_for(one, picture, (width, height), rng, config)
        image[y0:y1, x0:x1] = transform.cut(picture)[:height, :width]
        placed += [
            replace(face, box=_moved(face.box, x0, y0))
            for face in _faces_in(one, transform, (width, height), config)
        ]
    if rng.random() < config.mirror:
        image = np.ascontiguousarray(image[:, ::-1])
        placed = [
            replace(face, box=_mirrored(face.box, size), roll_deg=-face.roll_deg) for face in placed
        ]
    image = photometric(image, rng, config.pixels)
    return Scene(
        image,
        _as_rows(face.box for face in placed if face.sure),
        _as_rows(face.box for face in placed if not face.sure),
        np.array([face.roll_deg for face in placed if face.sure], np.float32),
    )


def _pieces_along(rng: np.random.Generator, config: SceneConfig) -> int:
    """Choose how many pieces lie side by side."""
    below = np.cumsum(config.mosaics)
    sides: list[int] = [*range(2, 2 + len(below)), 1]
    return sides[int(np.searchsorted(below, rng.random(), side="right"))]


def _grid(size: int, n: int, rng: np.random.Generator) -> list[Rectangle]:
    """Cut a scene into n x n pieces of uneven sides."""
    columns, rows = (
        [0, *((np.arange(1, n) + rng.uniform(-0.2, 0.2, n - 1)) * size / n).astype(int), size]
        for _ in range(2)
    )
    return [
        (int(x0), int(y0), int(x1), int(y1))
        for y0, y1 in pairwise(rows)
        for x0, x1 in pairwise(columns)
    ]


def _cut_for(
    frame: Frame,
    picture: Image,
    sides: tuple[int, int],
    rng: np.random.Generator,
    config: SceneConfig,
) -> CropTransform:
    """Return a transform from a frame to a piece (width, height) that shows one of its faces."""
    span, size = min(sides), max(sides)
    height, width = picture.shape[:2]
    boxes = [*frame.boxes, *(seen.box for seen in frame.seen if seen.score >= SURE_SCORE)]
    smallest = config.filled * span / max(height, width)
    if boxes and rng.random() >= config.elsewhere:
        box = boxes[rng.integers(len(boxes))]
        largest = max(config.min_face_px, config.max_face * span)
        face_px = np.exp(rng.uniform(np.log(config.min_face_px), np.log(largest)))
        (x, y), zoom = box.centre, face_px / box.width
        zoom = np.clip(zoom, smallest, max(smallest, MOST_ENLARGED))
        room = max(span - box.width * zoom, 0.1 * span) / 2
    else:
        x, y = rng.uniform(0, width), rng.uniform(0, height)
        zoom, room = smallest * np.exp(rng.uniform(0, MOST_CLOSER)), 0.0
    turned = crop_transform(
        Box.from_centre((x, y), size / zoom),
        size=size,
        scale=1.0,
        angle_deg=_turn_deg(rng, config),
    )
    target = (np.array(sides) - 1) / 2 + rng.uniform(-room, room, 2)
    shift = target - (size - 1) / 2
    shift += _filling(
        turned.matrix + np.array([[0, 0, shift[0]], [0, 0, shift[1]]]), picture, sides
    )
    return CropTransform(turned.matrix + [[0, 0, shift[0]], [0, 0, shift[1]]], size)


def _filling(matrix: Floats, picture: Image, sides: tuple[int, int]) -> Floats:
    """Return the shift that makes a frame fill its piece, or lie inside it where it is smaller."""
    height, width = picture.shape[:2]
    extent = np.abs(matrix[:, :2]) @ (width, height)  # of the turned frame, in the piece
    centre = matrix @ ((width - 1) / 2, (height - 1) / 2, 1)
    offset = centre - (np.array(sides) - 1) / 2
    most = np.abs(extent - sides) / 2
    return np.asarray(np.clip(offset, -most, most) - offset)


def _faces_in(
    frame: Frame, transform: CropTransform, sides: tuple[int, int], config: SceneConfig
) -> Iterator[_Placed]:
    """Yield the faces of a frame that its piece (width, height) shows."""
    in_piece = [transform.to_crop(points) for points in frame.labelled]
    faces = [(face_box(points), True, eyes_roll_deg(points)) for points in in_piece]
    (turn_x, turn_y), _ = (transform.matrix[:, :2] / transform.pixels_per_pixel).T
    turn_deg = degrees(atan2(turn_y, turn_x))  # where the frame's x axis points to in the piece
    for seen in frame.seen:
        ((x, y),) = transform.to_crop(np.array([seen.box.centre])).tolist()
        side = seen.box.width * transform.pixels_per_pixel
        roll_deg = nan if seen.roll_deg is None else seen.roll_deg + turn_deg
        faces.append((Box.from_centre((x, y), side), seen.score >= SURE_SCORE, roll_deg))
    width, height = sides
    for box, sure, roll_deg in faces:
        across = min(box.x1, width - 0.5) - max(box.x0, -0.5)
        down = min(box.y1, height - 0.5) - max(box.y0, -0.5)
        shown = max(across, 0) * max(down, 0) / box.area if box.area else 0.0
        if shown > GONE_SHARE:
            known = sure and shown > SEEN_SHARE and box.width >= config.ignored_px
            yield _Placed(box, known, roll_deg)


def _turn_deg(rng: np.random.Generator, config: SceneConfig) -> float:
    """Choose the roll that is added to a piece."""
    if rng.random() < config.turn_wide:
        return float(rng.uniform(-config.turn_wide_deg, config.turn_wide_deg))
    turn = rng.normal(0, config.turn_deg)
    return float(np.clip(turn, -config.turn_limit_deg, config.turn_limit_deg))


def eyes_roll_deg(points: Floats) -> float:
    """Return the roll of a face with 68 points (68, 2) from its outer eye corners."""
    left, right = IBUG68.eye_corners  # in the picture of an upright face
    dx, dy = (points[right] - points[left]).tolist()
    return degrees(atan2(dy, dx))


def _moved(box: Box, dx: float, dy: float) -> Box:
    return Box(box.x0 + dx, box.y0 + dy, box.x1 + dx, box.y1 + dy)


def _mirrored(box: Box, size: int) -> Box:
    return Box(size - 1 - box.x1, box.y0, size - 1 - box.x0, box.y1)


def _as_rows(boxes: Iterator[Box]) -> Floats:
    rows = [(*box.centre, box.width) for box in boxes]
    return np.array(rows, np.float32).reshape(-1, 3)
