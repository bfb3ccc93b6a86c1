"""YuNet (Wu et al. 2023) through OpenCV, from an ONNX file that the user brings."""

from __future__ import annotations

from math import atan2, degrees
from pathlib import Path

import cv2
import numpy as np

from edge.finder import Detection
from landmarks.boxes import Box, BoxConvention
from landmarks.crop import crop_transform
from landmarks.errors import ModelFileError
from landmarks.find import whole_frame
from landmarks.types import Image, check_image

# Where the canonical box lies in YuNet's box: medians over 2012 labelled faces of 300W training
# frames; see docs/models.md.
YUNET_BOXES = BoxConvention(dx=0.0, dy=0.144, scale=0.907)
SIZE = 320  # the released files are made for 320 x 320 or 640 x 640; both run at this
MIN_SCORE = 0.6
NMS_IOU = 0.3
MOST = 100


class YunetFinder:
    """``cv2.FaceDetectorYN`` on the frame in a square; one caller at a time."""

    def __init__(self, path: Path, *, min_score: float = MIN_SCORE, size: int = SIZE) -> None:
        """Load the file.

        Args:
            path: e.g. ``yunet_n_320_320.onnx``.
            min_score: what to report, 0 to 1.
            size: side in pixels of the square that a frame is scaled to.

        Raises:
            ModelFileError: it is missing, or OpenCV cannot read it.
        """
        if not path.is_file():
            raise ModelFileError(f"{path}: no such YuNet file; expected --finder yunet:FILE.onnx")
        try:
            self._detector = cv2.FaceDetectorYN.create(
                str(path), "", (size, size), min_score, NMS_IOU, MOST
            )
            self._detector.detect(np.zeros((size, size, 3), np.uint8))
        except cv2.error as error:
            raise ModelFileError(
                f"{path}: OpenCV {cv2.__version__} cannot run it as YuNet at {size} x {size}: "
                f"{error.err or 'damaged file'}"
            ) from None
        self._size = size

    def find(self, frame: Image) -> tuple[Detection, ...]:
        """Return the faces of an RGB uint8 frame, surest first."""
        check_image(frame)
        transform = crop_transform(whole_frame(frame), size=self._size, scale=1.0)
        square = cv2.cvtColor(transform.cut(frame), cv2.COLOR_RGB2BGR)
        _, rows = self._detector.detect(square)
        if rows is None:
            return ()
        zoom = transform.pixels_per_pixel
        found = []
        for x, y, width, height, *eyes, score in rows[:, [*range(8), -1]].tolist():
            # x, y count from the edge of the first pixel, whose centre is 0
            ((x0, y0),) = transform.to_frame(np.array([[x - 0.5, y - 0.5]]))
            box = Box(float(x0), float(y0), float(x0) + width / zoom, float(y0) + height / zoom)
            found.append(Detection(YUNET_BOXES.to_canonical(box), score, _roll_deg(*eyes)))
        return tuple(sorted(found, key=lambda detection: -detection.score))


def _roll_deg(x_left: float, y_left: float, x_right: float, y_right: float) -> float:
    """Return the roll of a face from its eyes, left and right in the picture when it is upright."""
    return degrees(atan2(y_right - y_left, x_right - x_left))
