"""Augmentation: a prepared crop becomes a network input that looks as if it came from a camera.

Geometry first, in one warp (turn, scale, shift, mirror), then light, colour, blur, noise and
occlusion, on ``uint8`` as the device sees it. ``train.settings.augmentation`` says how much.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from landmarks.boxes import Box, face_box
from landmarks.crop import CropTransform, crop_transform
from landmarks.schemes import Scheme
from landmarks.types import Floats, Image
from train.settings.augmentation import AugmentConfig

OCCLUSION_SIDE = 0.4  # largest side of an occluding rectangle, a share of the input's side
REFERENCE_SIDE = 256  # blur is given for an input of this side, as in PIPNet


@dataclass(frozen=True)
class Placement:
    """Where an augmented input lies in its prepared crop.

    Attributes:
        transform: from the prepared crop to the network's input.
        mirrored: whether the input is mirrored after that.
        mirror_shift_px: what mirrored points are moved by, in pixels of the prepared crop.
    """

    transform: CropTransform
    mirrored: bool
    mirror_shift_px: float = 0.0

    def points_unit(self, points_crop: Floats, scheme: Scheme) -> Floats:
        """Return the points in unit coordinates of the input, float32 (n, 2)."""
        if not self.mirrored:
            return self.transform.to_unit(points_crop)
        # to the left now is to the right once it is mirrored
        shifted = points_crop - np.array([self.mirror_shift_px, 0], np.float32)
        return scheme.mirrored(self.transform.to_unit(shifted), width=2)


def place(
    points_crop: Floats,
    rng: np.random.Generator,
    *,
    size: int,
    scale: float,
    config: AugmentConfig,
) -> Placement:
    """Choose the geometry of one augmented input; see ``augment`` for the arguments."""
    box = face_box(points_crop)
    transform = place_box(box, rng, size=size, scale=scale, config=config)
    mirrored = bool(rng.random() < config.mirror)
    return Placement(transform, mirrored, config.mirror_shift * box.width)


def place_box(
    box: Box, rng: np.random.Generator, *, size: int, scale: float, config: AugmentConfig
) -> CropTransform:
    """Choose how a canonical box is moved, scaled and turned; see ``augment`` for the arguments."""
    side, (x, y) = box.width, box.centre
    dx, dy = rng.uniform(-config.shift, config.shift, 2) * side * (rng.random() < config.move)
    zoom = rng.uniform(-np.log1p(config.zoom_in), np.log1p(config.zoom_out))
    return crop_transform(
        Box.from_centre((x + dx, y + dy), side),
        size=size,
        scale=scale * float(np.exp(zoom)),
        angle_deg=_turn_deg(rng, config) if rng.random() < config.turn else 0.0,
    )


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
    placement = place(points_crop, rng, size=size, scale=scale, config=config)
    image = placement.transform.cut(crop)
    if placement.mirrored:
        image = np.ascontiguousarray(image[:, ::-1])
    return photometric(image, rng, config), placement.points_unit(points_crop, scheme)


def _turn_deg(rng: np.random.Generator, config: AugmentConfig) -> float:
    limit = config.turn_limit_deg
    if rng.random() < config.turn_wide:
        return float(rng.uniform(-limit, limit))
    return float(np.clip(rng.normal(0, config.turn_deg), -limit, limit))


def photometric(image: Image, rng: np.random.Generator, config: AugmentConfig) -> Image:
    """Change light, colour, sharpness and noise of a square picture, and cover some of it."""
    size = image.shape[0]
    changed: npt.NDArray[Any] = image
    if rng.random() < config.occlusion:
        changed = _occlude(image, rng)
    if rng.random() < config.shrink:  # a far face: few real pixels
        small = int(size * rng.uniform(0.3, 0.8))
        changed = cv2.resize(changed, (small, small), interpolation=cv2.INTER_AREA)
        changed = cv2.resize(changed, (size, size), interpolation=cv2.INTER_LINEAR)
    if rng.random() < config.blur:
        sigma = rng.uniform(0.15, 1.0) * config.blur_sigma * size / REFERENCE_SIDE
        changed = cv2.GaussianBlur(changed, (0, 0), sigma)
    if rng.random() < config.grey:
        grey = cv2.cvtColor(changed, cv2.COLOR_RGB2GRAY)
        changed = cv2.cvtColor(grey, cv2.COLOR_GRAY2RGB)
    if config.light or config.colour:
        changed = cv2.LUT(changed, _tone_tables(rng, config))
    if rng.random() < config.noise:
        noise = rng.normal(0, rng.uniform(2, 10), changed.shape)
        changed = np.rint(np.clip(changed + noise, 0, 255))
    if rng.random() < config.salt:
        changed = _salt_and_pepper(changed, rng)
    return np.asarray(changed, np.uint8)


def _tone_tables(rng: np.random.Generator, config: AugmentConfig) -> Image:
    """Gain, gamma, offset and the balance of the channels as one look-up table (1, 256, 3)."""
    level = np.linspace(0, 1, 256)[:, None]
    gamma = np.exp(rng.uniform(-config.light, config.light))
    gain = np.exp(rng.uniform(-config.light, config.light))
    balance = np.exp(rng.uniform(-config.colour, config.colour, 3))
    offset = rng.uniform(-config.light, config.light) * 0.4
    table = level**gamma * gain * balance + offset
    return np.asarray(np.rint(np.clip(table, 0, 1) * 255), np.uint8)[None]


def _occlude(image: Image, rng: np.random.Generator) -> Image:
    """Cover one rectangle with a colour or with noise (PIPNet's step, which knows colours only)."""
    size = image.shape[0]
    height, width = (rng.uniform(0.05, OCCLUSION_SIDE, 2) * size).astype(int)
    y, x = int(rng.integers(0, size - height)), int(rng.integers(0, size - width))
    image = image.copy()
    patch = rng.integers(0, 256, 3)
    if rng.random() < 0.3:
        patch = rng.integers(0, 256, (height, width, 3))
    image[y : y + height, x : x + width] = patch
    return image


def _salt_and_pepper(image: Image, rng: np.random.Generator, share: float = 0.04) -> Image:
    """Set a share of the pixels to black or white, half of them each (ASMNet's step)."""
    image = np.array(image)
    hit = rng.random(image.shape[:2])
    image[hit < share / 2] = 0
    image[hit > 1 - share / 2] = 255
    return image
