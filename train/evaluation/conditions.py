"""Labelled faces under the conditions that users have: one change each, the same on every machine.

A condition changes picture and labels together, by fixed amounts relative to the face; what it
draws by chance depends on the name of the picture alone. Faces are read when their turn comes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from zlib import crc32

import cv2
import numpy as np

from landmarks.boxes import face_box
from landmarks.faces import LabelledFace, Picture
from landmarks.types import Floats, Image

BLUR_SHARE = 0.03  # standard deviation of the blur, a share of the side of the face box
DARK_GAIN, DARK_NOISE = 0.12, 3.0  # an eighth of the light, and the sensor's noise in grey levels
TURN_DEG = 45.0
SMALL_PX = 32.0  # side of the canonical face box
COVERED_SHARE = 0.25  # of the face box

Changed = tuple[Image, Floats]
Change = Callable[[Image, Floats, np.random.Generator], Changed]


@dataclass(frozen=True)
class HeldPicture:
    """A picture in memory."""

    name: str
    image: Image

    def read(self) -> Image:
        """Return it."""
        return self.image

    def __str__(self) -> str:
        return self.name


def under(condition: str, faces: Iterable[LabelledFace]) -> Iterator[LabelledFace]:
    """Yield faces as they look under a condition of ``CONDITIONS``; a box of theirs is dropped."""
    change = CONDITIONS[condition]
    for face in faces:
        rng = np.random.default_rng(crc32(f"{condition} {face.picture.name}".encode()))
        image, points_frame = change(face.picture.read(), face.points_frame, rng)
        picture: Picture = HeldPicture(face.picture.name, image)
        yield replace(face, picture=picture, points_frame=points_frame, box=None)


def _blurred(image: Image, points: Floats, rng: np.random.Generator) -> Changed:
    sigma = BLUR_SHARE * face_box(points).width
    return np.asarray(cv2.GaussianBlur(image, (0, 0), sigma), np.uint8), points


def _dark(image: Image, points: Floats, rng: np.random.Generator) -> Changed:
    seen = DARK_GAIN * image + rng.normal(0, DARK_NOISE, image.shape)
    return np.rint(np.clip(seen, 0, 255)).astype(np.uint8), points


def _grey(image: Image, points: Floats, rng: np.random.Generator) -> Changed:
    grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    return np.asarray(cv2.cvtColor(grey, cv2.COLOR_GRAY2RGB), np.uint8), points


def _turned(image: Image, points: Floats, rng: np.random.Generator) -> Changed:
    """Turn the picture about the middle of the face, to either side; outside it is black."""
    angle_deg = TURN_DEG * rng.choice([-1, 1])
    matrix = cv2.getRotationMatrix2D(face_box(points).centre, angle_deg, 1.0)
    height, width = image.shape[:2]
    turned = cv2.warpAffine(image, matrix, (width, height), flags=cv2.INTER_LINEAR)
    return np.asarray(turned, np.uint8), (points @ matrix[:, :2].T + matrix[:, 2]).astype(
        np.float32
    )


def _small(image: Image, points: Floats, rng: np.random.Generator) -> Changed:
    """Scale the picture down until the face box is ``SMALL_PX`` wide; a smaller one stays."""
    zoom = min(SMALL_PX / face_box(points).width, 1.0)
    height, width = (max(round(zoom * side), 1) for side in image.shape[:2])
    small = cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA)
    zooms = np.array([width / image.shape[1], height / image.shape[0]])
    return np.asarray(small, np.uint8), ((points + 0.5) * zooms - 0.5).astype(np.float32)


def _covered(image: Image, points: Floats, rng: np.random.Generator) -> Changed:
    """Lay a grey rectangle of up to twice the height over a quarter of the face box."""
    box = face_box(points)
    stretch = rng.uniform(np.sqrt(0.5), np.sqrt(2))
    width, height = np.sqrt(COVERED_SHARE) * box.width * np.array([stretch, 1 / stretch])
    x0, y0 = rng.uniform(box.x0, box.x1 - width), rng.uniform(box.y0, box.y1 - height)
    corners = np.rint([x0, y0, x0 + width, y0 + height]).astype(int)
    left, top, right, bottom = np.maximum(corners, 0)
    image = image.copy()
    image[top:bottom, left:right] = rng.integers(0, 256)
    return image, points


CONDITIONS: Mapping[str, Change] = {
    "grey": _grey,
    "blurred": _blurred,
    "dark": _dark,
    "small": _small,
    "covered": _covered,
    "turned 45": _turned,
}
