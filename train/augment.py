"""Augmentation: a prepared crop becomes a network input that looks as if it came from a camera.

Geometry first, in one warp (turn, scale, shift, mirror), then light, colour, blur, noise and
occlusion, on ``uint8`` as the device sees it.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from landmarks.boxes import Box, face_box
from landmarks.crop import crop_transform
from landmarks.schemes import Scheme
from landmarks.types import Floats, Image


@dataclass(frozen=True)
class AugmentConfig:
    """How far a training face is moved and changed; probabilities are per face.

    Attributes:
        turn_deg: standard deviation of the roll that is added, in degrees.
        turn_limit_deg: largest roll that is added.
        zoom: the crop scale is multiplied by exp of a uniform value in +-zoom.
        shift: largest shift of the box, as a share of its side.
        mirror: probability of a mirrored face.
        light: spread of gain and gamma (log scale) and of the offset (share of full scale).
        colour: spread of the gain of single channels (log scale).
        grey, blur, noise, occlusion, shrink: probabilities of each change.
    """

    turn_deg: float = 18.0
    turn_limit_deg: float = 45.0
    zoom: float = 0.16
    shift: float = 0.09
    mirror: float = 0.5
    light: float = 0.3
    colour: float = 0.12
    grey: float = 0.12
    blur: float = 0.2
    noise: float = 0.2
    occlusion: float = 0.4
    shrink: float = 0.15


def augment(
    crop: Image,
    points_crop: Floats,
    rng: np.random.Generator,
    *,
    size: int,
    scale: float,
    scheme: Scheme,
    config: AugmentConfig,
) -> tuple[Image, Floats]:
    """Turn one prepared face into a training input.

    Args:
        crop: uint8 (S, S, 3), a prepared crop.
        points_crop: float32 (n, 2), its points in pixels.
        rng: source of all randomness.
        size: side of the network's input in pixels.
        scale: side of the network's crop divided by the side of the canonical box.
        scheme: of the points, for the mirror.
        config: how much to change.

    Returns:
        The input, uint8 (size, size, 3), and its points in unit coordinates, float32 (n, 2).
    """
    box = face_box(points_crop)
    side, (x, y) = box.width, box.centre
    dx, dy = rng.uniform(-config.shift, config.shift, 2) * side
    turn = np.clip(rng.normal(0, config.turn_deg), -config.turn_limit_deg, config.turn_limit_deg)
    transform = crop_transform(
        Box.from_centre((x + dx, y + dy), side),
        size=size,
        scale=scale * float(np.exp(rng.uniform(-config.zoom, config.zoom))),
        angle_deg=float(turn),
    )
    image, points_unit = transform.cut(crop), transform.to_unit(points_crop)
    if rng.random() < config.mirror:
        image = np.ascontiguousarray(image[:, ::-1])
        points_unit = scheme.mirrored(points_unit, width=2)
    return _photometric(image, rng, config), points_unit


def _photometric(image: Image, rng: np.random.Generator, config: AugmentConfig) -> Image:
    size = image.shape[0]
    if rng.random() < config.occlusion:
        image = _occlude(image, rng)
    if rng.random() < config.shrink:  # a far face: few real pixels
        small = int(size * rng.uniform(0.3, 0.8))
        image = cv2.resize(image, (small, small), interpolation=cv2.INTER_AREA)
        image = cv2.resize(image, (size, size), interpolation=cv2.INTER_LINEAR)
    if rng.random() < config.blur:
        image = cv2.GaussianBlur(image, (0, 0), rng.uniform(0.3, 1.8))
    if rng.random() < config.grey:
        grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
        image = cv2.cvtColor(grey, cv2.COLOR_GRAY2RGB)
    table = _tone_tables(rng, config)
    image = cv2.LUT(image, table)
    if rng.random() < config.noise:
        noise = rng.normal(0, rng.uniform(2, 10), image.shape)
        image = np.clip(image + noise, 0, 255)
    return np.asarray(image, np.uint8)


def _tone_tables(rng: np.random.Generator, config: AugmentConfig) -> Image:
    """Gain, gamma, offset and the balance of the channels as one look-up table (1, 256, 3)."""
    level = np.linspace(0, 1, 256)[:, None]
    gamma = np.exp(rng.uniform(-config.light, config.light))
    gain = np.exp(rng.uniform(-config.light, config.light))
    balance = np.exp(rng.uniform(-config.colour, config.colour, 3))
    offset = rng.uniform(-config.light, config.light) * 0.4
    table = level**gamma * gain * balance + offset
    return (np.clip(table, 0, 1) * 255).astype(np.uint8)[None]


def _occlude(image: Image, rng: np.random.Generator) -> Image:
    """Cover one rectangle of up to 0.4 of the side with a colour or with noise (PIPNet's step)."""
    size = image.shape[0]
    height, width = (rng.uniform(0.05, 0.4, 2) * size).astype(int)
    y, x = int(rng.integers(0, size - height)), int(rng.integers(0, size - width))
    image = image.copy()
    patch = rng.integers(0, 256, 3)
    if rng.random() < 0.3:
        patch = rng.integers(0, 256, (height, width, 3))
    image[y : y + height, x : x + width] = patch
    return image
