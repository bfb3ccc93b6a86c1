"""Random backgrounds: rooms, streets, foliage and stages that were never there, out of focus.

A background is a gradient, over it a few layers of random shapes (blobs, bars, texts of no
language, foliage-like noise), each blurred by its own depth. Contrast and colourfulness vary from
an even studio wall to clutter, as behind real portraits.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Float32 = NDArray[np.float32]


def draw_background(rng: np.random.Generator, height: int, width: int) -> Float32:
    """Draw a background.

    Args:
        rng: source of randomness.
        height: pixels.
        width: pixels.

    Returns:
        float32 (height, width, 3), RGB 0..255.
    """
    palette = _palette(rng)
    canvas = _gradient(rng, height, width, palette)
    kind = rng.choice(["plain", "shapes", "foliage", "interior"], p=[0.2, 0.35, 0.2, 0.25])
    if kind == "foliage":
        canvas = _foliage(rng, canvas)
    elif kind != "plain":
        for _ in range(int(rng.integers(2, 5))):
            canvas = _shapes(rng, canvas, palette, upright=kind == "interior")
    grain = _cloud(rng, height, width, float(rng.uniform(1.0, 3.0)))
    canvas = canvas + grain[..., None] * float(rng.uniform(0.5, 4.0))
    depth = float(rng.choice([0.0, 0.8, 2.0, 4.0], p=[0.45, 0.25, 0.2, 0.1]))
    if depth:
        sigma = depth * min(height, width) / 192
        canvas = np.asarray(cv2.GaussianBlur(canvas, (0, 0), sigma), np.float32)
    return np.asarray(np.clip(canvas, 0, 255), np.float32)


def _palette(rng: np.random.Generator) -> Float32:
    """Six colours that go together: one mood of light, a few free hues."""
    # Rooms and lamps are warm, skies and shade are blue; other hues are rarer behind a portrait.
    hue = rng.choice([12.0, 105.0, rng.uniform(0, 180)], p=[0.5, 0.25, 0.25]) + rng.normal(0, 22, 6)
    saturation = np.clip(rng.gamma(1.6, 32.0, 6), 0, 220)
    value = np.clip(rng.normal(rng.uniform(30, 200), 62, 6), 5, 250)
    hsv = np.stack([hue % 180, saturation, value], axis=1)[None].astype(np.uint8)
    return np.asarray(cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB)[0], np.float32)


def _gradient(rng: np.random.Generator, height: int, width: int, palette: Float32) -> Float32:
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    angle = rng.uniform(0, 2 * np.pi)
    t = (x / width - 0.5) * np.cos(angle) + (y / height - 0.5) * np.sin(angle)
    t = np.clip(t * float(rng.uniform(0.5, 1.5)) + 0.5, 0, 1)[..., None]
    near = palette[0] + 0.4 * (palette[1] - palette[0])
    return np.asarray(palette[0] * (1 - t) + near * t, np.float32)


def _cloud(rng: np.random.Generator, height: int, width: int, sigma: float) -> Float32:
    white = rng.standard_normal((height, width), dtype=np.float32)
    smooth = cv2.GaussianBlur(white, (0, 0), sigma)
    return np.asarray(smooth / (smooth.std() + 1e-6), np.float32)


def _foliage(rng: np.random.Generator, canvas: Float32) -> Float32:
    """Patches of light and shade at several scales, tinted by leaf, sky, stone or water."""
    height, width = canvas.shape[:2]
    tones = np.array([[70, 95, 45], [120, 140, 80], [130, 150, 175], [110, 100, 90], [50, 60, 60]])
    tone = tones[rng.integers(len(tones))] * rng.uniform(0.5, 1.4)
    field = np.zeros((height, width), np.float32)
    for sigma, share in ((16, 1.0), (6, 0.9), (2.2, 0.8), (1.0, 0.4)):
        field += share * _cloud(rng, height, width, sigma * min(height, width) / 192)
    contrast = float(rng.uniform(0.15, 0.6))
    light = np.exp(contrast * field)[..., None]
    mixed = 0.35 * canvas + 0.65 * tone
    return np.asarray(mixed * light, np.float32)


def _shapes(
    rng: np.random.Generator, canvas: Float32, palette: Float32, *, upright: bool
) -> Float32:
    """Scatter shapes of one depth; upright ones look like shelves, doors and windows."""
    height, width = canvas.shape[:2]
    layer = canvas.copy()
    for _ in range(int(rng.integers(2, 9))):
        colour = palette[rng.integers(len(palette))] + rng.normal(0, 12, 3)
        colour = tuple(float(c) for c in np.clip(colour, 0, 255))
        centre = rng.uniform(-0.1, 1.1, 2) * (width, height)
        extent = np.exp(rng.normal(-1.7, 0.7, 2)) * min(height, width)
        what = rng.random()
        if upright or what < 0.4:
            angle = 0.0 if upright else float(rng.uniform(0, 180))
            extent = extent * (1, 2.5)
            corners = cv2.boxPoints((tuple(centre), tuple(extent), angle))
            cv2.fillConvexPoly(layer, np.rint(corners).astype(np.int32), colour, cv2.LINE_AA)
        elif what < 0.75:
            axes = np.maximum(extent, 2).astype(int)
            cv2.ellipse(
                layer, centre.astype(int).tolist(), axes.tolist(), float(rng.uniform(0, 180)),
                0, 360, colour, -1, cv2.LINE_AA,
            )  # fmt: skip
        else:
            word = "".join(chr(int(c)) for c in rng.integers(65, 91, 5))
            cv2.putText(
                layer, word, centre.astype(int).tolist(), cv2.FONT_HERSHEY_DUPLEX,
                float(rng.uniform(0.5, 2.0)) * min(height, width) / 192, colour,
                int(rng.integers(1, 5)), cv2.LINE_AA,
            )  # fmt: skip
    blur = float(np.exp(rng.normal(-0.1, 0.9))) * min(height, width) / 192
    return np.asarray(cv2.GaussianBlur(layer, (0, 0), max(blur, 0.3)), np.float32)
