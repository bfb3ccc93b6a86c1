"""OpenCV's Haar cascade (Viola and Jones 2001): in every OpenCV wheel up to 4.x, no model file."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from edge.finder import Detection
from landmarks.boxes import Box, BoxConvention
from landmarks.errors import MissingExtraError
from landmarks.types import Image, check_image

# Where the canonical box lies in Haar's box: medians over 300W training frames, see docs/models.md
HAAR_BOXES = BoxConvention(dx=0.01, dy=0.15, scale=0.87)
SCALE_STEP = 1.1
MIN_NEIGHBOURS = 4
LONG_SIDE = 480  # frames are shrunk to this: the cascade's cost grows with the area
HALF_SURE = 2.0  # weight of a rectangle whose score is a half
MIN_FACE_SHARE = 0.08  # smallest face, as a share of the frame's shorter side


class HaarFinder:
    """The frontal-face cascade; one caller at a time."""

    def __init__(self) -> None:
        """Load the cascade that comes with OpenCV.

        Raises:
            MissingExtraError: this OpenCV has no cascades (5.0 dropped them).
        """
        path = Path(cv2.__file__).parent / "data" / "haarcascade_frontalface_default.xml"
        if not hasattr(cv2, "CascadeClassifier") or not path.exists():
            raise MissingExtraError(
                f"OpenCV {cv2.__version__} has no Haar cascades: "
                "pip install 'opencv-python-headless>=4.11,<5'"
            )
        self._cascade = cv2.CascadeClassifier(str(path))

    def find(self, frame: Image) -> tuple[Detection, ...]:
        """Return the faces of an RGB uint8 frame, surest first."""
        check_image(frame)
        zoom = min(1.0, LONG_SIDE / max(frame.shape[:2]))
        grey = cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY)
        if zoom < 1.0:
            size = (max(1, round(frame.shape[1] * zoom)), max(1, round(frame.shape[0] * zoom)))
            grey = cv2.resize(grey, size, interpolation=cv2.INTER_AREA)
        smallest = max(20, int(MIN_FACE_SHARE * min(grey.shape)))
        rectangles, _, weights = self._cascade.detectMultiScale3(
            grey,
            scaleFactor=SCALE_STEP,
            minNeighbors=MIN_NEIGHBOURS,
            minSize=(smallest, smallest),
            outputRejectLevels=True,
        )
        found = [
            # the centre of pixel 0 is 0, its edge -0.5
            Detection(HAAR_BOXES.to_canonical(_box(x, y, w, h, zoom)), _score(float(weight)))
            for (x, y, w, h), weight in zip(rectangles, np.ravel(weights), strict=True)
        ]
        return tuple(sorted(found, key=lambda detection: -detection.score))


def _box(x: float, y: float, width: float, height: float, zoom: float) -> Box:
    x0, y0 = x / zoom - 0.5, y / zoom - 0.5
    return Box(x0, y0, x0 + width / zoom, y0 + height / zoom)


def _score(weight: float) -> float:
    """Return the weight of the last stage, 0 or more, as a score from 0 to 1, in the same order."""
    return max(weight, 0.0) / (max(weight, 0.0) + HALF_SURE)
