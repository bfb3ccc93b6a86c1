"""What is measured: a network with its runtime and threads, ours or a peer's, by one protocol."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

from edge.stream import StageTimes
from landmarks.boxes import Box
from landmarks.locate import LocatedFace
from landmarks.types import Image

Kind = Literal["model", "peer", "detector"]  # ours; somebody's landmarks; somebody's face finder


@dataclass(frozen=True)
class Facts:
    """What a subject is.

    Attributes:
        name: in the report; unlike any other of the run, but for the threads.
        kind: see ``Kind``.
        network: the same for all files of one network: it joins float and INT8.
        runtime: what computes it.
        precision: of the weights: ``float32``, ``int8`` and so on.
        threads: of the runtime.
        bytes: size of the file.
        sha256: of the file; for ours of the graph, the identity of the model.
        scheme: of its landmarks, None for a detector.
        trained_on: data.
        note: preprocessing, and how its points become those of the labels.
    """

    name: str
    kind: Kind
    network: str
    runtime: str
    precision: str
    threads: int
    bytes: int
    sha256: str
    scheme: str | None
    trained_on: str
    note: str = ""

    @property
    def key(self) -> str:
        """Name and threads: what tells a row from all others."""
        return f"{self.name}, {self.threads} thread{'s' if self.threads > 1 else ''}"


@dataclass(frozen=True)
class Answer:
    """What a subject said of one picture, and how long it took.

    Attributes:
        times: of crop, network and decoding, measured by the subject round the work itself.
        face: landmarks; None from a detector.
        boxes: faces that a detector saw, best first, pixels of the frame.
    """

    times: StageTimes
    face: LocatedFace | None = None
    boxes: tuple[Box, ...] = ()


class Subject(Protocol):
    """One thing that is measured; one caller at a time."""

    @property
    def facts(self) -> Facts:
        """What it is."""
        ...

    def answer(self, frame: Image, box: Box) -> Answer:
        """Find the landmarks of the face in a canonical box of an RGB uint8 frame.

        A detector looks for faces in the whole frame and leaves the box aside.
        """
        ...
