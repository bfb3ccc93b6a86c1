"""YuNet (Wu et al. 2023): OpenCV's face detector, here at 320 px."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

import cv2
import numpy as np

from edge.bench.peers.files import facts_of
from edge.bench.peers.letterbox import letterbox
from edge.bench.subject import Answer, Facts
from edge.stage_clock import StageClock
from landmarks.boxes import Box
from landmarks.crop import CropTransform
from landmarks.errors import ModelFileError
from landmarks.types import Floats, Image

SIZE = 320
MIN_SCORE, MAX_OVERLAP, MOST = 0.5, 0.3, 50


class YuNet:
    """The detector in OpenCV's own class."""

    def __init__(self, path: Path, *, threads: int) -> None:
        """Load it.

        Raises:
            ModelFileError: the file cannot be read, or OpenCV refuses it.
        """
        self._path, self._threads = path, threads
        try:
            self._detector = cv2.FaceDetectorYN.create(
                str(path), "", (SIZE, SIZE), MIN_SCORE, MAX_OVERLAP, MOST
            )
        except cv2.error as error:
            raise ModelFileError(f"{path}: OpenCV refuses it: {error.err}") from None

    @cached_property
    def facts(self) -> Facts:
        """See ``Subject``."""
        return facts_of(
            self._path,
            name="yunet",
            kind="detector",
            runtime="OpenCV DNN",
            threads=self._threads,
            scheme=None,
            trained_on="WIDER FACE",
            note=f"whole frame letterboxed to {SIZE} px BGR",
        )

    def answer(self, frame: Image, box: Box) -> Answer:
        """See ``Subject``; decoding is inside OpenCV's one call."""
        before = cv2.getNumThreads()
        cv2.setNumThreads(self._threads)  # OpenCV has one setting for all that it does
        try:
            clock = StageClock()
            transform = letterbox(frame, SIZE)
            bgr = cv2.cvtColor(transform.cut(frame), cv2.COLOR_RGB2BGR)
            clock.lap("crop")
            _, found = self._detector.detect(bgr)
            clock.lap("infer")
            boxes = () if found is None else tuple(_box(row[:4], transform) for row in found)
            clock.lap("decode")
        finally:
            cv2.setNumThreads(before)
        return Answer(clock.times(), boxes=boxes)


def _box(rectangle: Floats, transform: CropTransform) -> Box:
    """Return x, y, width, height of the input, from its outer edge, as a box of the frame."""
    x, y, width, height = rectangle
    corners = np.array([[x, y], [x + max(width, 0), y + max(height, 0)]]) - 0.5
    return Box(*(float(edge) for edge in transform.to_frame(corners).ravel()))
