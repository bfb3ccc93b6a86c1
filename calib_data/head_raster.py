"""Paint a sampled head in the head frame: skin, hair, clothes and the outline against the world.

Colours come from the appearance model; what a linear model cannot hold - single strands of hair,
folds of cloth, the grain of skin - is drawn procedurally with the contrast that training faces
have, so that a rendered head has the sharpness of a photograph.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from calib_data.appearance import AppearanceModel
from calib_data.head_sampling import (
    COLOUR_SIZE,
    CONTRAST,
    DETAIL_SCALE,
    LOG_UNIT,
    OUTLINE_SIZE,
    SKIN_SIZE,
    DetailRaster,
    detail_raster,
)
from calib_data.layers import Layer
from calib_data.mesh import HEAD_HALF

Float32 = NDArray[np.float32]

_FRAME_SIZE = 2 * round(HEAD_HALF * DETAIL_SCALE)  # pixels across the head frame
_MARGIN = 62  # pixels of body painted around the head frame, for pictures that show more of it

RASTER_SIZE = _FRAME_SIZE + 2 * _MARGIN
"""Side of a head raster in pixels."""

_EDGE = 0.007  # box sides: width of the transition between two layers
_RIM = 0.5  # share of the detail kept along the rim of the face
_SHOULDER = 1.0  # box sides from the middle: beyond it the body ends, whatever the model says


@dataclass(frozen=True)
class HeadStyle:
    """The procedural part of one head; constant while the head moves.

    Attributes:
        hair_noise: float32 (RASTER_SIZE, RASTER_SIZE), strands, mean 0, deviation 1.
        edge_noise: float32 (RASTER_SIZE, RASTER_SIZE), box sides, roughness of the hair's outline.
        cloth_noise: float32 (RASTER_SIZE, RASTER_SIZE), folds, deviation 1.
        skin_noise: float32 (RASTER_SIZE, RASTER_SIZE), grain, deviation 1.
        cloth_colour: float32 (3,), YCrCb, luma relative to a face of mean 128.
        hair_shift: added to the hair's luma.
        sharpen: strength of the unsharp mask on the face.
    """

    hair_noise: Float32
    edge_noise: Float32
    cloth_noise: Float32
    skin_noise: Float32
    cloth_colour: Float32
    hair_shift: float
    sharpen: float


def draw_style(rng: np.random.Generator) -> HeadStyle:
    """Draw the procedural part of a head."""
    size = RASTER_SIZE
    edge = 0.018 * _noise(rng, size, 14.0) + 0.012 * _noise(rng, size, 4.0)
    strands = _strands(rng, size)
    cloth = _noise(rng, size, 18.0) + 0.3 * _noise(rng, size, 6.0) + 0.3 * _noise(rng, size, 0.9)
    if rng.random() < 0.3:
        cloth = cloth + _stripes(rng, size)
    return HeadStyle(
        hair_noise=strands,
        edge_noise=(edge + 0.010 * strands).astype(np.float32),
        cloth_noise=cloth.astype(np.float32),
        skin_noise=_noise(rng, size, 0.8),
        cloth_colour=_cloth_colour(rng),
        hair_shift=float(rng.normal(-24, 16)),
        sharpen=float(rng.uniform(0.7, 1.6)),
    )


def paint_head(model: AppearanceModel, coefficients: Float32, style: HeadStyle) -> Float32:
    """Paint a head in the head frame.

    Args:
        model: the sampler.
        coefficients: float32 (n,), from `AppearanceModel.draw`.
        style: from `draw_style`.

    Returns:
        float32 (RASTER_SIZE, RASTER_SIZE, 4): RGB 0..255 and alpha 0..1, not premultiplied.
    """
    weights = _layer_weights(model, coefficients, style)
    skin = _enlarge(model.synthesize(coefficients, "skin").reshape(SKIN_SIZE, SKIN_SIZE, 3))
    hair = _enlarge(model.synthesize(coefficients, "hair").reshape(COLOUR_SIZE, COLOUR_SIZE, 3))
    clothes = _enlarge(
        model.synthesize(coefficients, "clothes").reshape(COLOUR_SIZE, COLOUR_SIZE, 3)
    )
    mean, *logs = model.synthesize(coefficients, "light")
    log_spread, log_texture = (LOG_UNIT * value for value in logs)
    texture = float(np.exp(np.clip(log_texture, 1.2, 3.5)))

    skin[..., 0] += 1.5 * style.skin_noise
    _add_detail(skin, model, coefficients, style)
    hair[..., 0] += 0.85 * texture * style.hair_noise + style.hair_shift
    clothes = 0.3 * clothes + 0.7 * style.cloth_colour
    clothes[..., 0] += 8.0 * style.cloth_noise
    # Hair throws a soft shadow on the skin beneath it, a chin on the collar.
    shade = cv2.GaussianBlur(weights[Layer.HAIR], (0, 0), 5.0)
    skin[..., 0] -= 26.0 * np.clip(shade, 0, 0.6)

    ycc = (
        skin * weights[Layer.SKIN][..., None]
        + hair * weights[Layer.HAIR][..., None]
        + clothes * weights[Layer.CLOTHES][..., None]
    )
    alpha = 1.0 - weights[Layer.BACKGROUND]
    ycc /= np.maximum(alpha, 1e-3)[..., None]
    spread = float(np.clip(np.exp(log_spread), 26.0, 75.0))
    ycc[..., 0] = (ycc[..., 0] - 128) * (spread / CONTRAST) + float(np.clip(mean, 60, 190))
    rgb = _to_rgb(ycc)
    return np.concatenate([rgb, alpha[..., None]], axis=2)


def raster_pixels(points: NDArray[Any]) -> NDArray[Any]:
    """Carry points (n, 2) from the head frame to pixels of a head raster."""
    return np.asarray(points * (_FRAME_SIZE / (2 * HEAD_HALF)) + (RASTER_SIZE - 1) / 2)


def _layer_weights(model: AppearanceModel, coefficients: Float32, style: HeadStyle) -> Float32:
    """Soft membership of each pixel: float32 (4, size, size), summing to 1."""
    maps = model.synthesize(coefficients, "outline").reshape(4, OUTLINE_SIZE, OUTLINE_SIZE)
    large = np.stack([_enlarge(m) for m in maps])
    large[Layer.HAIR] += style.edge_noise
    large[Layer.SKIN] = np.maximum(large[Layer.SKIN], _face_distance(model.mean_shape))
    across = np.abs(np.arange(RASTER_SIZE, dtype=np.float32) - (RASTER_SIZE - 1) / 2)
    large[Layer.BACKGROUND] += 0.6 * np.maximum(across / DETAIL_SCALE - _SHOULDER, 0)
    large = np.exp((large - large.max(0)) / _EDGE)
    return np.asarray(large / large.sum(0), np.float32)


def _face_distance(mean_shape: Float32) -> Float32:
    """Distance into the face below the brows, box sides; far outside it, strongly negative."""
    outline = mean_shape[list(range(17)) + list(range(26, 16, -1))]
    pixels = np.rint(raster_pixels(outline) * 16).astype(np.int32)
    mask = np.zeros((RASTER_SIZE, RASTER_SIZE), np.uint8)
    cv2.fillPoly(mask, [pixels], 1, shift=4)
    inside = cv2.distanceTransform(mask, cv2.DIST_L2, 5) / DETAIL_SCALE
    return np.where(mask > 0, inside, -1.0).astype(np.float32)


def _add_detail(
    skin: Float32, model: AppearanceModel, coefficients: Float32, style: HeadStyle
) -> None:
    raster = detail_raster(model.mean_shape)
    values = model.synthesize(coefficients, "detail")
    n_luma = int(raster.mask.sum())
    height, width = raster.mask.shape
    detail = np.zeros((height, width, 3), np.float32)
    luma = np.zeros((height, width), np.float32)
    luma[raster.mask] = values[:n_luma]
    half = np.zeros((height // 2, width // 2, 2), np.float32)
    half[raster.half_mask] = values[n_luma:].reshape(-1, 2)
    # The sum of many components speckles; edges stand out of it and skin is smooth between them.
    smooth = np.asarray(cv2.bilateralFilter(luma, 7, 14.0, 2.0), np.float32)
    luma = smooth + style.sharpen * (smooth - cv2.GaussianBlur(smooth, (0, 0), 1.5))
    noise = np.zeros((height, width), np.float32)
    noise[raster.mask] = model.detail_noise[:n_luma]
    rows, columns = _detail_window(raster)
    luma += 0.22 * noise * style.skin_noise[rows, columns]
    detail[..., 0] = luma
    detail[..., 1:] = cv2.resize(half, (width, height), interpolation=cv2.INTER_LINEAR)
    feather = cv2.GaussianBlur(
        cv2.erode(raster.mask.astype(np.float32), np.ones((7, 7), np.uint8)), (0, 0), 3.0
    )
    # Towards the rim the model mixes in what stood behind other faces: a bright or dark line there.
    inner = cv2.GaussianBlur(
        cv2.erode(raster.mask.astype(np.float32), np.ones((23, 23), np.uint8)), (0, 0), 3.0
    )
    skin[rows, columns] += detail * (feather * (_RIM + (1 - _RIM) * inner))[..., None]


def _detail_window(raster: DetailRaster) -> tuple[slice, slice]:
    # Both rasters have DETAIL_SCALE pixels a box side, so a window of one is the other; rows are
    # rounded to the nearest pixel, columns match exactly because both widths are even.
    height, width = raster.mask.shape
    left = (RASTER_SIZE - width) // 2
    top = round(raster.origin[1] * DETAIL_SCALE + (RASTER_SIZE - 1) / 2)
    return slice(top, top + height), slice(left, left + width)


def _enlarge(small: Float32) -> Float32:
    """Enlarge a square raster of the head frame to a head raster, margins repeating its border."""
    large = cv2.resize(small, (_FRAME_SIZE, _FRAME_SIZE), interpolation=cv2.INTER_CUBIC)
    margins = (_MARGIN, _MARGIN, _MARGIN, _MARGIN)
    return np.asarray(cv2.copyMakeBorder(large, *margins, cv2.BORDER_REPLICATE), np.float32)


def _cloth_colour(rng: np.random.Generator) -> Float32:
    """Draw dark, white or coloured cloth: YCrCb."""
    luma, tint = [(30.0, 4.0), (205.0, 4.0), (110.0, 20.0)][rng.choice(3, p=[0.45, 0.2, 0.35])]
    chroma = 128 + rng.normal(0, tint, 2)
    return np.array([luma + rng.normal(0, 22), *chroma], np.float32)


def _to_rgb(ycc: Float32) -> Float32:
    y, cr, cb = ycc[..., 0], ycc[..., 1] - 128, ycc[..., 2] - 128
    rgb = np.stack([y + 1.403 * cr, y - 0.714 * cr - 0.344 * cb, y + 1.773 * cb], axis=2)
    return np.asarray(np.clip(rgb, 0, 255), np.float32)


def _noise(rng: np.random.Generator, size: int, sigma: float) -> Float32:
    """Smooth noise of deviation 1."""
    white = rng.standard_normal((size, size), dtype=np.float32)
    smooth = cv2.GaussianBlur(white, (0, 0), sigma)
    return np.asarray((smooth - smooth.mean()) / smooth.std(), np.float32)


def _strands(rng: np.random.Generator, size: int) -> Float32:
    """Noise drawn out along the fall of hair: away from the crown, then down."""
    grain = _noise(rng, size, float(rng.uniform(0.6, 1.0))) + 0.8 * _noise(rng, size, 2.2)
    y, x = np.mgrid[0:size, 0:size].astype(np.float32)
    u = (x - (size - 1) / 2) / DETAIL_SCALE - float(rng.normal(0, 0.15))
    v = (y - (size - 1) / 2) / DETAIL_SCALE + 0.95
    bend = 0.5 * _noise(rng, size, 20.0)
    angle = np.arctan2(np.maximum(v, 0) * 1.6 + 0.15, u) + float(rng.uniform(0.2, 0.9)) * bend
    step_x, step_y = np.cos(angle), np.sin(angle)
    total, reach = grain.copy(), int(rng.integers(5, 12))
    for sign in (1.2, -1.2):  # pixels a step, both ways along the strand
        at_x, at_y = x.copy(), y.copy()
        for _ in range(reach):
            move_x, move_y = _look_up(step_x, at_x, at_y), _look_up(step_y, at_x, at_y)
            at_x, at_y = at_x + sign * move_x, at_y + sign * move_y
            total += _look_up(grain, at_x, at_y)
    return np.asarray((total - total.mean()) / total.std(), np.float32)


def _look_up(raster: Float32, x: Float32, y: Float32) -> Float32:
    seen = cv2.remap(raster, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(seen, np.float32)


def _stripes(rng: np.random.Generator, size: int) -> Float32:
    angle, period = rng.uniform(0, np.pi), rng.uniform(6, 24)
    y, x = np.mgrid[0:size, 0:size].astype(np.float32)
    phase = (x * np.cos(angle) + y * np.sin(angle)) * (2 * np.pi / period)
    wave = np.sin(phase)
    if rng.random() < 0.5:
        wave = wave + np.sin((x * np.sin(angle) - y * np.cos(angle)) * (2 * np.pi / period))
    return np.asarray(float(rng.uniform(0.5, 2.0)) * np.tanh(3 * wave), np.float32)
