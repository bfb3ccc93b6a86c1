"""PFLD (Guo et al. 2019) in two public trainings: 68 points of 300W, and GhostOne's 98 of WFLW."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from edge.bench.peers.files import facts_of
from edge.bench.subject import Answer, Facts
from edge.runtime.plain import open_plain
from edge.stage_clock import StageClock
from landmarks.boxes import Box, BoxConvention
from landmarks.crop import crop_transform
from landmarks.locate import LocatedFace
from landmarks.types import Image

SIZE = 112


@dataclass(frozen=True)
class Training:
    """One public training of the network.

    Attributes:
        name: of the peer.
        scheme: of its points.
        crop: from the canonical face box to the square that it reads.
        mean, scale: real input = (pixel - mean) / scale.
        trained_on: data.
    """

    name: str
    scheme: str
    crop: BoxConvention
    mean: float
    scale: float
    trained_on: str


PFLD = Training(
    name="pfld",
    scheme="300w-68",
    crop=BoxConvention(0.0, 0.0, 1.1),
    mean=0.0,
    scale=255.0,
    trained_on="300W, perhaps more (github.com/cunjian/pytorch_face_landmark)",
)
GHOST_ONE = Training(
    name="pfld-ghostone",
    scheme="wflw-98",
    crop=BoxConvention(0.0, 0.04, 1.2),
    mean=127.5,
    scale=127.5,
    trained_on="WFLW (github.com/AnthonyF333/PFLD_GhostOne)",
)


class Pfld:
    """A training of PFLD as an ONNX file."""

    def __init__(self, training: Training, path: Path, *, threads: int) -> None:
        """Load it; errors as for ``open_plain``."""
        self._path, self._threads = path, threads
        self._training = training
        self._network = open_plain(path, threads=threads)
        self._input = np.empty((1, 3, SIZE, SIZE), np.float32)

    @cached_property
    def facts(self) -> Facts:
        """See ``Subject``."""
        return facts_of(
            self._path,
            name=self._training.name,
            kind="peer",
            runtime="ONNX Runtime",
            threads=self._threads,
            scheme=self._training.scheme,
            trained_on=self._training.trained_on,
            note=f"{SIZE} px RGB, canonical box x {self._training.crop.scale:g}",
        )

    def answer(self, frame: Image, box: Box) -> Answer:
        """See ``Subject``."""
        clock = StageClock()
        square = self._training.crop.to_canonical(box)
        transform = crop_transform(square, size=SIZE, scale=1.0)
        self._input[0] = transform.cut(frame).transpose(2, 0, 1)
        self._input -= self._training.mean
        self._input /= self._training.scale
        clock.lap("crop")
        (points,) = self._network(self._input)
        clock.lap("infer")
        face = LocatedFace(transform.from_unit(points.reshape(-1, 2)), float("nan"))
        clock.lap("decode")
        return Answer(clock.times(), face)
