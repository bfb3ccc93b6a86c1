"""A network's errors on labelled faces: the one evaluation, whatever runs the network."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from landmarks.boxes import Box, face_box
from landmarks.errors import DatasetError
from landmarks.faces import LabelledFace
from landmarks.locate import Localizer
from landmarks.metrics import Normaliser, area_under_curve, failure_rate, nme, region_nme
from landmarks.schemes import Scheme, get_scheme
from landmarks.types import Floats, Image

BoxSource = Callable[[Image, LabelledFace], Box | None]


@dataclass(frozen=True)
class Score:
    """Errors on a set of faces.

    Attributes:
        errors: float64 (n,), NME of each face as a fraction, in the order of the faces.
        regions: mean NME of each region, fractions.
        missed: faces without a box; they are not among ``errors``.
        normaliser: what distances were divided by.
    """

    errors: Floats
    regions: dict[str, float]
    missed: int
    normaliser: Normaliser

    @property
    def nme_percent(self) -> float:
        """Mean NME in percent."""
        return float(100 * self.errors.mean())

    def to_dict(self) -> dict[str, Any]:
        """Return the figures under the names that reports and cards use."""
        return {
            "n": len(self.errors),
            "normaliser": self.normaliser,
            "nme_percent": round(self.nme_percent, 4),
            "fr10_percent": round(100 * failure_rate(self.errors), 4),
            "auc10": round(area_under_curve(self.errors), 5),
            "regions_nme_percent": {k: round(100 * v, 4) for k, v in self.regions.items()},
            "missed": self.missed,
        }


def true_box(image: Image, face: LabelledFace) -> Box:
    """Return the canonical box of the labels: the box source of the papers' protocol."""
    return face_box(face.points_frame)


def score(
    localizer: Localizer,
    faces: Iterable[LabelledFace],
    *,
    boxes: BoxSource = true_box,
    normaliser: Normaliser = "inter-ocular",
) -> Score:
    """Measure a network on labelled faces, in original pixels.

    Args:
        localizer: the network.
        faces: with the landmarks of the network's scheme.
        boxes: gives the box of a face, or None where it is not found.
        normaliser: of the NME.

    Raises:
        DatasetError: a face has another number of points, or no face has a box.
    """
    scheme = get_scheme(localizer.network.card.scheme)
    errors: list[float] = []
    regions: list[dict[str, float]] = []
    missed = 0
    for face in faces:
        _check_scheme(face, scheme)
        image = face.picture.read()
        box = boxes(image, face)
        if box is None:
            missed += 1
            continue
        points = localizer.locate(image, box).points_frame
        how = (scheme, normaliser, image.shape[:2])
        errors.append(nme(points, face.points_frame, *how))
        regions.append(region_nme(points, face.points_frame, *how))
    if not errors:
        raise DatasetError(f"none of the {missed} faces was found, there is nothing to measure")
    means = {name: float(np.mean([r[name] for r in regions])) for name in scheme.regions}
    return Score(np.asarray(errors), means, missed, normaliser)


def _check_scheme(face: LabelledFace, scheme: Scheme) -> None:
    if len(face.points_frame) != scheme.n_points:
        raise DatasetError(
            f"{face.picture}: {len(face.points_frame)} points, but the network gives "
            f"{scheme.n_points} ({scheme.name})"
        )
