"""dlib's 68 points: an ensemble of regression trees (Kazemi and Sullivan 2014)."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

import numpy as np

from edge.bench.peers.files import facts_of
from edge.bench.subject import Answer, Facts
from edge.stage_clock import StageClock
from landmarks.boxes import Box, BoxConvention
from landmarks.errors import MissingExtraError, ModelFileError
from landmarks.locate import LocatedFace
from landmarks.types import Image

RECTANGLE = BoxConvention(0.0, -0.1, 1.1)  # from the canonical box to dlib's face rectangle


class Dlib68:
    """The shape predictor that ``face_recognition`` uses; it has one thread and no crop."""

    def __init__(self, path: Path) -> None:
        """Load it.

        Raises:
            MissingExtraError: dlib is not installed.
            ModelFileError: the file is no shape predictor.
        """
        try:
            import dlib
        except ImportError:
            raise MissingExtraError("peer dlib-68 needs dlib: pip install dlib-bin") from None
        try:
            self._predict = dlib.shape_predictor(str(path))
        except RuntimeError as error:
            raise ModelFileError(f"{path}: dlib refuses it: {error}") from None
        self._path = path
        self._rectangle = dlib.drectangle
        self._to_integers = dlib.rectangle

    @cached_property
    def facts(self) -> Facts:
        """See ``Subject``."""
        return facts_of(
            self._path,
            name="dlib-68",
            kind="peer",
            runtime="dlib",
            threads=1,
            scheme="300w-68",
            trained_on="300W whole, its test pictures too: its error on 300W is not fair",
            note=f"RGB frame, canonical box x {RECTANGLE.scale:g}; its points are whole pixels",
        )

    def answer(self, frame: Image, box: Box) -> Answer:
        """See ``Subject``."""
        clock = StageClock()
        face_box = RECTANGLE.to_canonical(box)
        edges = self._rectangle(face_box.x0, face_box.y0, face_box.x1, face_box.y1)
        rectangle = self._to_integers(edges)
        clock.lap("crop")
        shape = self._predict(frame, rectangle)
        clock.lap("infer")
        points = np.array([(part.x, part.y) for part in shape.parts()], np.float32)
        face = LocatedFace(points, float("nan"))
        clock.lap("decode")
        return Answer(clock.times(), face)
