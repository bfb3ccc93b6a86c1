"""What the pipeline asks of whoever measures its graphs; landmark networks and finders differ."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, Protocol

from landmarks.card import ModelCard
from landmarks.card_check import Precision
from quantize.audit_report import Audit
from quantize.candidates import Candidate
from quantize.row import Row, S


@dataclass(frozen=True)
class Measured(Generic[S]):
    """A candidate with its card and its score."""

    candidate: Candidate
    card: ModelCard
    score: S


class Report(Protocol):
    """The figures of a run."""

    def to_dict(self) -> dict[str, Any]:
        """Return them as JSON types."""
        ...

    def render(self) -> str:
        """Return them as text for people."""
        ...


class Examination(Protocol[S]):
    """The faces or frames that the graphs of a run are measured on."""

    @property
    def unit(self) -> str:
        """What a network is shown: ``"faces"`` or ``"frames"``."""
        ...

    @property
    def threads(self) -> tuple[int, ...]:
        """Of the interpreters that are timed."""
        ...

    def score(self, path: Path, name: str) -> S:
        """Score a file; ``name`` says on a terminal which it is."""
        ...

    def accuracy(self, precision: Precision, score: S) -> dict[str, Any]:
        """Return what a card says of a score."""
        ...

    def audit(self, card: ModelCard, rounded: Any, crops: Any) -> Audit:
        """Round each step of a network by itself, see ``quantize.audit``."""
        ...

    def check(self, measured: Sequence[Measured[S]]) -> None:
        """Raise QuantizationError if a graph that is to be written loses too much."""
        ...

    def report(self, rows: tuple[Row[S], ...], audited: Audit | None) -> Report:
        """Return the figures of a run; the first row is the float32 network."""
        ...
