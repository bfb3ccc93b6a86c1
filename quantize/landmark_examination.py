"""Landmark networks measured: their error on labelled faces, in the boxes of the labels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from tqdm import tqdm

from edge.runtime import open_network
from landmarks.card import ModelCard
from landmarks.card_check import Precision
from landmarks.errors import QuantizationError
from landmarks.faces import LabelledFace
from landmarks.locate import Localizer
from landmarks.measure import score
from landmarks.score import Score
from landmarks.spread import evenly_spread
from quantize.audit import audit
from quantize.audit_report import Audit
from quantize.candidates import REFERENCE
from quantize.config import QuantizeConfig
from quantize.examination import Measured
from quantize.ptq import Rounded
from quantize.report import LandmarkReport
from quantize.row import Row
from train.preparation.any_layout import read_faces

AUDIT_FACES = 160  # the network is run on them once for each step


@dataclass(frozen=True)
class LandmarkExamination:
    """Labelled faces.

    Attributes:
        faces: the faces.
        data: where they come from, in words.
        max_nme_drop: NME in percentage points that INT8 may lose; None for any.
    """

    faces: Sequence[LabelledFace]
    data: str
    max_nme_drop: float | None = None
    unit: str = "faces"
    threads: tuple[int, ...] = (1, 2)

    def score(self, path: Path, name: str) -> Score:
        """Score a file on all faces."""
        bar = tqdm(self.faces, desc=f"scoring {name}", unit="face", disable=None, leave=False)
        return score(Localizer.of(open_network(path)), bar)

    def accuracy(self, precision: Precision, result: Score) -> dict[str, Any]:
        """Return what a card says of a score."""
        return {"precision": precision, "data": self.data, "boxes": "truth", **result.to_dict()}

    def audit(self, card: ModelCard, rounded: Rounded, crops: npt.NDArray[np.uint8]) -> Audit:
        """Round each step by itself and measure some of the faces."""
        some = tuple(self.faces[i] for i in evenly_spread(len(self.faces), AUDIT_FACES))
        return audit(rounded.folded, rounded.ranges, rounded.steps, card, crops, some)

    def check(self, measured: Sequence[Measured[Score]]) -> None:
        """Raise QuantizationError if a graph that is to be written loses too much."""
        limit, before = self.max_nme_drop, measured[0].score.nme_percent
        for entry in measured:
            lost = entry.score.nme_percent - before
            if limit is not None and entry.candidate.kept and lost > limit:
                raise QuantizationError(
                    f"{entry.candidate.key} loses {lost:.3f} NME points against {REFERENCE}'s "
                    f"{before:.3f} %, --max-nme-drop allows {limit:g}: nothing was written; try "
                    "--qat, --audit or another --estimator"
                )

    def report(self, rows: tuple[Row[Score], ...], audited: Audit | None) -> LandmarkReport:
        """Return the figures of a run."""
        return LandmarkReport(rows, self.data, audited)


def landmark_examination(config: QuantizeConfig) -> LandmarkExamination:
    """Read the faces that a run is measured on.

    Raises:
        DatasetError: they cannot be read.
    """
    faces, subset = read_faces(config.data, config.dataset, config.subset)
    name = "/".join(config.data.resolve().parts[-2:])
    data = name if subset == "all" else f"{name} {subset}"
    return LandmarkExamination(faces, data, config.max_nme_drop)
