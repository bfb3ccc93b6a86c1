"""Turn training faces into the feature vectors that the appearance model is fitted on.

Every head is warped to the head frame twice: whole and coarse from the wide picture (layers,
colours), face only and fine from the close one (detail). Brightness is normalised by the face's own
mean and contrast, which become features themselves. Each face is used twice, once mirrored.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from calib_data.layers import HeadMasks, Layer, filled_colour, head_masks, outlines, segment
from calib_data.mesh import HEAD_HALF, NO_MAP, inverse_map, triangulate, with_ring
from calib_data.training_set import TrainingFace
from landmarks.pictures import read_picture

Float32 = NDArray[np.float32]
UInt8 = NDArray[np.uint8]

OUTLINE_SIZE = 64
SKIN_SIZE = 32
COLOUR_SIZE = 12
DETAIL_SCALE = 112.0
"""Pixels per box side of the detail raster."""

CONTRAST = 50.0
"""Standard deviation of the luma of a face after normalisation, its mean being 128."""

LOG_UNIT = 1 / 40
"""Unit of the logarithms among the ``light`` features; they then vary as much as grey levels."""

_SEGMENT_SIZE = 96
_NOT_SEEN = np.nan


@dataclass(frozen=True)
class DetailRaster:
    """The fine raster of the face: a rectangle of the head frame.

    Attributes:
        mask: bool (height, width), where detail is kept.
        origin: (x, y) of the first pixel's centre, box sides.
    """

    mask: NDArray[np.bool_]
    origin: tuple[float, float]

    @property
    def half_mask(self) -> NDArray[np.bool_]:
        """The mask at half the resolution, for chroma: bool (height // 2, width // 2)."""
        height, width = self.mask.shape
        small = cv2.resize(
            self.mask.astype(np.float32), (width // 2, height // 2), interpolation=cv2.INTER_AREA
        )
        return small > 0.2


def detail_raster(mean_shape: Float32) -> DetailRaster:
    """Lay the detail raster over the mean face, forehead included, symmetric left to right."""
    half_width = 0.60
    top, bottom = -0.80, 0.60
    width = 2 * round(half_width * DETAIL_SCALE)
    height = 2 * round((bottom - top) * DETAIL_SCALE / 2)
    origin = (-(width - 1) / 2 / DETAIL_SCALE, top)
    hull = mean_shape[list(range(17)) + list(range(26, 16, -1))].astype(np.float64)
    brows = hull[17:].copy()
    brows[:, 1] -= 0.24
    outline = np.concatenate([hull[:17], brows])
    pixels = (outline - origin) * DETAIL_SCALE
    mask = np.zeros((height, width), np.uint8)
    cv2.fillPoly(mask, [np.rint(pixels * 16).astype(np.int32)], 1, shift=4)
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (13, 13))
    grown = cv2.dilate(mask, disc) > 0
    return DetailRaster(grown | grown[:, ::-1], origin)


def resample_head(raster: Float32, detail: DetailRaster) -> Float32:
    """Read a square head-frame raster (size, size, c) on the grid of the detail raster."""
    size = raster.shape[0]
    scale = size / (2 * HEAD_HALF)
    height, width = detail.mask.shape
    x = (np.arange(width) / DETAIL_SCALE + detail.origin[0]) * scale + (size - 1) / 2
    y = (np.arange(height) / DETAIL_SCALE + detail.origin[1]) * scale + (size - 1) / 2
    grid_x, grid_y = np.meshgrid(x.astype(np.float32), y.astype(np.float32))
    seen = cv2.remap(raster, grid_x, grid_y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(seen, np.float32)


def collect_features(
    faces: Iterable[TrainingFace], mean_shape: Float32, count: int
) -> dict[str, Float32]:
    """Measure all faces and their mirror images.

    Args:
        faces: the training faces.
        mean_shape: float32 (68, 2), head frame, symmetric.
        count: how many faces there are.

    Returns:
        One float32 (2 * count, n_features) array for each of ``outline``, ``skin``, ``hair``,
        ``clothes``, ``detail`` and ``light``; row 2 i is face i, row 2 i + 1 its mirror image.
    """
    masks, detail = head_masks(mean_shape, _SEGMENT_SIZE), detail_raster(mean_shape)
    rows: dict[str, Float32] = {}
    for index, face in enumerate(faces):
        whole = _warp_whole(face, mean_shape)
        fine = _warp_fine(face, mean_shape, detail)
        labels = segment(whole, masks)
        for mirrored in (False, True):
            if mirrored:
                whole, fine, labels = (
                    np.ascontiguousarray(a[:, ::-1]) for a in (whole, fine, labels)
                )
            for name, values in _measure(whole, fine, labels, masks, detail).items():
                if name not in rows:
                    rows[name] = np.zeros((2 * count, values.size), np.float32)
                rows[name][2 * index + mirrored] = values.ravel()
    for values in rows.values():
        _impute(values)
    return rows


def _warp_whole(face: TrainingFace, mean_shape: Float32) -> UInt8:
    scale = _SEGMENT_SIZE / (2 * HEAD_HALF)
    rest = with_ring(mean_shape, mean_shape) * scale + (_SEGMENT_SIZE - 1) / 2
    return _warp(face.wide, face.points_wide, mean_shape, rest, (_SEGMENT_SIZE, _SEGMENT_SIZE))


def _warp_fine(face: TrainingFace, mean_shape: Float32, detail: DetailRaster) -> UInt8:
    rest = (with_ring(mean_shape, mean_shape) - detail.origin) * DETAIL_SCALE
    return _warp(face.close, face.points_close, mean_shape, rest, detail.mask.shape)


def _warp(
    path: Path, points: Float32, mean_shape: Float32, rest: NDArray[Any], size: tuple[int, int]
) -> UInt8:
    picture = read_picture(path)
    target = with_ring(points, mean_shape)
    # Shrink first where the raster is coarser than the picture, or fine detail turns into noise.
    shrink = float(np.ptp(target[:, 1]) / np.ptp(rest[:, 1]))
    if shrink > 1.3:
        new = (max(1, round(picture.shape[1] / shrink)), max(1, round(picture.shape[0] / shrink)))
        ratio = np.array(new) / (picture.shape[1], picture.shape[0])
        picture = np.asarray(cv2.resize(picture, new, interpolation=cv2.INTER_AREA), np.uint8)
        target = (target + 0.5) * ratio - 0.5
    where = inverse_map(rest, target, triangulate(mean_shape), size)
    seen = cv2.remap(picture, where, NO_MAP, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(seen, np.uint8)


def _measure(
    whole: UInt8, fine: UInt8, labels: UInt8, masks: HeadMasks, detail: DetailRaster
) -> dict[str, Float32]:
    ycc = cv2.cvtColor(whole, cv2.COLOR_RGB2YCrCb).astype(np.float32)
    fine_ycc = cv2.cvtColor(fine, cv2.COLOR_RGB2YCrCb).astype(np.float32)
    luma = ycc[masks.face, 0]
    mean, spread = float(luma.mean()), float(luma.std()) + 4.0
    for raster in (ycc, fine_ycc):
        raster[..., 0] = (raster[..., 0] - mean) * (CONTRAST / spread) + 128

    skin = filled_colour(ycc, (labels == Layer.SKIN), SKIN_SIZE)
    assert skin is not None  # the face itself is always skin
    out = {"outline": _shrink(outlines(labels), OUTLINE_SIZE), "skin": skin}
    for name, layer in (("hair", Layer.HAIR), ("clothes", Layer.CLOTHES)):
        colour = filled_colour(ycc, labels == layer, COLOUR_SIZE)
        blank = np.full((COLOUR_SIZE, COLOUR_SIZE, 3), _NOT_SEEN, np.float32)
        out[name] = blank if colour is None else colour

    residual = fine_ycc - resample_head(skin, detail)
    is_skin = cv2.GaussianBlur((labels == Layer.SKIN).astype(np.float32), (0, 0), 1.0)
    residual *= resample_head(np.clip(1.5 * is_skin, 0, 1), detail)[..., None]
    half = cv2.resize(
        residual[..., 1:],
        (detail.mask.shape[1] // 2, detail.mask.shape[0] // 2),
        interpolation=cv2.INTER_AREA,
    )
    out["detail"] = np.concatenate([residual[detail.mask, 0], half[detail.half_mask].ravel()])
    logs = np.array([np.log(spread), _texture(ycc, labels, Layer.HAIR)]) / LOG_UNIT
    out["light"] = np.array([mean, *logs], np.float32)
    return out


def _texture(ycc: Float32, labels: UInt8, layer: Layer) -> float:
    """Log contrast of a layer's fine texture, away from its edges; NaN where it is not seen."""
    inside = cv2.erode((labels == layer).astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    if inside.sum() < 30:
        return float("nan")
    high = ycc[..., 0] - cv2.GaussianBlur(ycc[..., 0], (0, 0), 2.0)
    return float(np.log(high[inside].std() + 1.0))


def _shrink(maps: Float32, size: int) -> Float32:
    return np.stack([cv2.resize(m, (size, size), interpolation=cv2.INTER_AREA) for m in maps])


def _impute(values: Float32) -> None:
    missing = np.isnan(values)
    if missing.any():
        values[missing] = np.broadcast_to(np.nanmean(values, axis=0), values.shape)[missing]
