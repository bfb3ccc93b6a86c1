"""Face finders measured: the labelled faces that they find, and the boxes that hit nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tqdm import tqdm

from edge.runtime import open_network
from landmarks.card import ModelCard
from landmarks.card_check import Precision
from landmarks.errors import UsageError
from landmarks.find import NetworkFinder
from quantize.audit_report import Audit
from quantize.config import QuantizeConfig
from quantize.examination import Measured
from quantize.finder_report import FinderReport
from quantize.row import Row
from train.datasets.frames import Frame, read_frames
from train.finder.score import FinderScore, outcome_of, summarise

FOR_LANDMARKS = "--qat, --audit and --max-nme-drop are for landmark networks, not finders"


@dataclass(frozen=True)
class FinderExamination:
    """Frames with known faces.

    Attributes:
        frames: the frames.
        data: where they come from, in words.
    """

    frames: Sequence[Frame]
    data: str
    unit: str = "frames"
    threads: tuple[int, ...] = (1,)

    def score(self, path: Path, name: str) -> FinderScore:
        """Score a file on all frames."""
        finder = NetworkFinder.of(open_network(path))
        bar = tqdm(self.frames, desc=f"scoring {name}", unit="frame", disable=None, leave=False)
        return summarise([outcome_of(finder, frame) for frame in bar])

    def accuracy(self, precision: Precision, score: FinderScore) -> dict[str, Any]:
        """Return what a card says of a score."""
        return {"precision": precision, "data": self.data, **asdict(score)}

    def audit(self, card: ModelCard, rounded: Any, crops: Any) -> Audit:
        """Raise UsageError: an audit measures landmarks."""
        raise UsageError(FOR_LANDMARKS)

    def check(self, measured: Sequence[Measured[FinderScore]]) -> None:
        """Accept every graph: there is no limit for finders."""

    def report(self, rows: tuple[Row[FinderScore], ...], audited: Audit | None) -> FinderReport:
        """Return the figures of a run."""
        return FinderReport(rows)


def finder_examination(config: QuantizeConfig) -> FinderExamination:
    """Read the frames that a run is measured on.

    Raises:
        DatasetError: they cannot be read.
        UsageError: the configuration asks for what is not there for finders.
    """
    if config.qat or config.audit or config.max_nme_drop is not None:
        raise UsageError(FOR_LANDMARKS)
    return FinderExamination(read_frames(config.data), "/".join(config.data.resolve().parts[-2:]))
