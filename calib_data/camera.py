"""What light and a camera do to a scene: side light, colour cast, gamma, blur, noise, JPEG."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Float32 = NDArray[np.float32]
UInt8 = NDArray[np.uint8]


@dataclass(frozen=True)
class Camera:
    """One photograph's conditions.

    Attributes:
        ramp: (x, y) strength of the light ramp across the picture, -1..1.
        cast: float32 (3,), gain of R, G and B.
        gamma: exponent on intensities 0..1.
        contrast: gain about mid-grey.
        brightness: grey levels added.
        saturation: 0 is grey, 1 leaves colours alone.
        blur_px: standard deviation of the lens blur.
        sharpening: strength of the unsharp mask inside the camera.
        noise: grey levels of sensor noise at mid-grey.
        jpeg_quality: 0..100, of a first compression before the file's own.
    """

    ramp: tuple[float, float]
    cast: Float32
    gamma: float
    contrast: float
    brightness: float
    saturation: float
    blur_px: float
    sharpening: float
    noise: float
    jpeg_quality: int


def draw_camera(rng: np.random.Generator) -> Camera:
    """Draw the conditions of one photograph."""
    temperature = rng.normal(0, 0.09)
    return Camera(
        ramp=(float(rng.normal(0, 0.18)), float(rng.normal(0, 0.10))),
        cast=np.array([1 + temperature, 1 + rng.normal(0, 0.02), 1 - temperature], np.float32),
        gamma=float(np.exp(rng.normal(0, 0.18))),
        contrast=float(np.exp(rng.normal(0.21, 0.16))),
        brightness=float(rng.normal(0, 8)),
        saturation=0.0 if rng.random() < 0.13 else float(rng.uniform(0.7, 1.3)),
        blur_px=float(rng.choice([0.0, 0.4, 0.6, 0.9], p=[0.7, 0.15, 0.1, 0.05])),
        sharpening=float(rng.uniform(0.1, 0.9)),
        noise=float(np.abs(rng.normal(0, 2.5))),
        jpeg_quality=int(rng.integers(65, 98)),
    )


def photograph(scene: Float32, camera: Camera, rng: np.random.Generator) -> UInt8:
    """Take the picture.

    Args:
        scene: float32 (height, width, 3), RGB 0..255.
        camera: conditions.
        rng: source of the sensor noise.

    Returns:
        RGB uint8 (height, width, 3).
    """
    height, width = scene.shape[:2]
    x = np.linspace(-1, 1, width, dtype=np.float32)[None, :, None]
    y = np.linspace(-1, 1, height, dtype=np.float32)[:, None, None]
    light = np.exp(camera.ramp[0] * x + camera.ramp[1] * y)
    image = np.clip(scene * light * camera.cast / 255.0, 0, 1) ** camera.gamma * 255.0
    image = (image - 128) * camera.contrast + 128 + camera.brightness
    grey = (image @ np.array([0.299, 0.587, 0.114], np.float32))[..., None]
    image = grey + camera.saturation * (image - grey)
    if camera.blur_px:
        image = cv2.GaussianBlur(image, (0, 0), camera.blur_px)
    image = image + camera.sharpening * (image - cv2.GaussianBlur(image, (0, 0), 1.1))
    shot = np.sqrt(np.clip(image, 8, 255) / 128)  # more light, more noise, less of it relative
    chroma = rng.standard_normal(image.shape, dtype=np.float32) * (camera.saturation > 0)
    luma = rng.standard_normal((height, width, 1), dtype=np.float32)
    image = image + camera.noise * shot * (0.8 * luma + 0.4 * chroma)
    out = np.clip(np.rint(image), 0, 255).astype(np.uint8)
    flags = [cv2.IMWRITE_JPEG_QUALITY, camera.jpeg_quality]
    coded = cv2.imencode(".jpg", out[..., ::-1], flags)[1]
    decoded = np.asarray(cv2.imdecode(coded, cv2.IMREAD_COLOR), np.uint8)
    return np.ascontiguousarray(decoded[..., ::-1])
