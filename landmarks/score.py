"""What a network got wrong on labelled faces, and the figures that sum it up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from landmarks.faces import LabelledFace
from landmarks.metrics import (
    Frame,
    Normaliser,
    area_under_curve,
    failure_rate,
    pose_mae_deg,
)
from landmarks.types import Floats

POSE_REFERENCE = "scaled orthography fitted to the true landmarks by least squares"


@dataclass(frozen=True)
class FaceError:
    """The error of one face.

    Attributes:
        face: as labelled, its points in the scheme of the comparison.
        points_frame: those of the network, in the same scheme.
        error: NME as a fraction.
        regions: the same for each region of the scheme.
        pose_deg: yaw, pitch, roll of the network or, where it gives none, of its points; None where
            the labels give no pose.
        pose_true_deg: the angles that the true landmarks give, where ``pose_deg`` is given.
    """

    face: LabelledFace
    points_frame: Floats
    error: float
    regions: Mapping[str, float]
    pose_deg: Floats | None = None
    pose_true_deg: Floats | None = None


@dataclass(frozen=True)
class Score:
    """Errors on a set of faces.

    Attributes:
        found: one entry for each face that was measured, in the order of the faces.
        missed_faces: faces without a box; they count in no figure but ``missed``.
        scheme: name of the scheme that points were compared in.
        normaliser: what distances were divided by.
        frame: where distances were measured.
    """

    found: tuple[FaceError, ...]
    missed_faces: tuple[LabelledFace, ...]
    scheme: str
    normaliser: Normaliser
    frame: Frame

    @property
    def errors(self) -> Floats:
        """NME of each measured face as a fraction, float64 (n,)."""
        return np.array([entry.error for entry in self.found], np.float64)

    @property
    def regions(self) -> dict[str, float]:
        """Mean NME of each region, fractions."""
        names = self.found[0].regions if self.found else ()
        return {
            name: float(np.mean([entry.regions[name] for entry in self.found])) for name in names
        }

    @property
    def missed(self) -> int:
        """How many faces had no box."""
        return len(self.missed_faces)

    @property
    def nme_percent(self) -> float:
        """Mean NME in percent."""
        return float(100 * self.errors.mean())

    def by_group(self) -> dict[str, Score]:
        """Return the score of each group that the faces name, in alphabetical order."""
        faces = [entry.face for entry in self.found] + list(self.missed_faces)
        names = sorted({group for face in faces for group in face.groups})
        return {
            name: replace(
                self,
                found=tuple(entry for entry in self.found if name in entry.face.groups),
                missed_faces=tuple(face for face in self.missed_faces if name in face.groups),
            )
            for name in names
        }

    def to_dict(self) -> dict[str, Any]:
        """Return the figures under the names that reports and cards use."""
        figures: dict[str, Any] = {"n": len(self.found), "missed": self.missed}
        figures |= {"scheme": self.scheme, "normaliser": self.normaliser, "frame": self.frame}
        if not self.found:  # a group of which no face has a box
            return figures
        errors = self.errors
        return {
            **figures,
            "nme_percent": round(self.nme_percent, 4),
            "fr8_percent": round(100 * failure_rate(errors, 0.08), 4),
            "fr10_percent": round(100 * failure_rate(errors, 0.10), 4),
            "auc8": round(area_under_curve(errors, 0.08), 5),
            "auc10": round(area_under_curve(errors, 0.10), 5),
            "regions_nme_percent": {k: round(100 * v, 4) for k, v in self.regions.items()},
            **self._pose_figures(),
        }

    def _pose_figures(self) -> dict[str, Any]:
        pairs = [
            (entry.pose_deg, entry.pose_true_deg)
            for entry in self.found
            if entry.pose_deg is not None and entry.pose_true_deg is not None
        ]
        if not pairs:
            return {}
        given, true = (np.array(angles, np.float64) for angles in zip(*pairs, strict=True))
        yaw, pitch, roll = pose_mae_deg(given, true).tolist()
        figures = {"yaw": yaw, "pitch": pitch, "roll": roll, "mean": (yaw + pitch + roll) / 3}
        return {
            "pose_mae_deg": {name: round(value, 4) for name, value in figures.items()},
            "pose_n": len(pairs),
            "pose_reference": POSE_REFERENCE,
        }
