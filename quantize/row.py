"""One graph of a run with its figures, whatever kind of network it is."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from edge.runtime.delegation import Delegation

S = TypeVar("S")  # of the score: ``landmarks.score.Score``, or a ``FinderScore``


@dataclass(frozen=True)
class Row(Generic[S]):
    """A measured graph.

    Attributes:
        name: in the report.
        precision, format: of the graph.
        bytes: size of the file.
        score: on the faces or frames that it was measured on.
        latency_ms: median time of the network, by threads.
        delegation: what XNNPACK takes of it; None for an ONNX file.
        path: of the file; None for one that only served comparison.
    """

    name: str
    precision: str
    format: str
    bytes: int
    score: S
    latency_ms: dict[int, float]
    delegation: Delegation | None
    path: Path | None
