"""A network's errors on labelled faces: the one evaluation, whatever runs the network.

A network of WFLW's 98 points and labels of 300W's 68, or the other way round, are compared at the
68 points that they share.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from landmarks.boxes import Box, face_box
from landmarks.cross_scheme import has_68, scheme_of_count, shared_scheme, to_68
from landmarks.errors import DatasetError
from landmarks.faces import LabelledFace
from landmarks.locate import Localizer, LocatedFace
from landmarks.metrics import (
    Frame,
    Normaliser,
    area_under_curve,
    failure_rate,
    nme,
    pose_mae_deg,
    region_nme,
    to_resized_crop,
)
from landmarks.pose import head_pose
from landmarks.schemes import Scheme, get_scheme
from landmarks.types import Floats, Image

BoxSource = Callable[[Image, LabelledFace], Box | None]
Locate = Callable[[Image, Box], LocatedFace]
POSE_REFERENCE = "PnP on the true landmarks"
POSE_REFERENCE_LIMIT = 0.15  # reprojection error above which labels do not give a pose


@dataclass(frozen=True)
class FaceError:
    """The error of one face.

    Attributes:
        face: as labelled, its points in the scheme of the comparison.
        error: NME as a fraction.
        regions: the same for each region of the scheme.
        pose_deg: yaw, pitch, roll of the network; None where it gives no pose or the labels none.
        pose_true_deg: the angles that the true landmarks give, where ``pose_deg`` is given.
    """

    face: LabelledFace
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


def true_box(image: Image, face: LabelledFace) -> Box:
    """Return the canonical box of the labels: the box source of the papers' protocol."""
    return face_box(face.points_frame)


def dataset_box(image: Image, face: LabelledFace) -> Box:
    """Return the canonical box that the data set gives.

    Raises:
        DatasetError: it gives none.
    """
    if face.box is None:
        raise DatasetError(f"{face.picture}: the data set gives no box, use those of the labels")
    return face.box


def score(
    localizer: Localizer,
    faces: Iterable[LabelledFace],
    *,
    boxes: BoxSource = true_box,
    normaliser: Normaliser = "inter-ocular",
    frame: Frame = "original",
) -> Score:
    """Measure a network on labelled faces.

    Args:
        localizer: the network.
        faces: with landmarks that can be compared with the network's.
        boxes: gives the box of a face, or None where it is not found.
        normaliser: of the NME.
        frame: ``"original"`` pixels, or ``"resized-crop"``: see
            ``landmarks.metrics.to_resized_crop``; the normaliser is measured there too.

    Raises:
        DatasetError: points of a face cannot be compared with the network's or have no extent, or
            no face has a box.
    """
    scheme = get_scheme(localizer.network.card.scheme)
    return score_answers(
        localizer.locate, scheme, faces, boxes=boxes, normaliser=normaliser, frame=frame
    )


def score_answers(
    locate: Locate,
    scheme: Scheme,
    faces: Iterable[LabelledFace],
    *,
    boxes: BoxSource = true_box,
    normaliser: Normaliser = "inter-ocular",
    frame: Frame = "original",
) -> Score:
    """Measure anything that finds landmarks in a box, with a card or without.

    Args:
        locate: from a frame and a canonical box to landmarks.
        scheme: of its landmarks.
        faces: as for ``score``.
        boxes: as for ``score``.
        normaliser: as for ``score``.
        frame: as for ``score``.

    Raises:
        DatasetError: as for ``score``.
    """
    found: list[FaceError] = []
    missed: list[LabelledFace] = []
    shared: Scheme | None = None
    for labelled in faces:
        face, own = comparable(labelled, scheme)
        shared = shared or own
        if own != shared:
            raise DatasetError(f"{face.picture}: other landmarks than the faces before it")
        image = face.picture.read()
        box = boxes(image, face)
        if box is None:
            missed.append(face)
            continue
        located = locate(image, box)
        if shared != scheme:
            located = replace(located, points_frame=to_68(located.points_frame, scheme))
        try:
            found.append(_face_error(located, face, image, shared, normaliser, frame))
        except ValueError as error:
            raise DatasetError(f"{face.picture}: {error}; correct or remove its labels") from None
    if shared is None or not found:
        raise DatasetError(
            f"none of the {len(missed)} faces was found, there is nothing to measure"
        )
    return Score(tuple(found), tuple(missed), shared.name, normaliser, frame)


def _face_error(
    located: LocatedFace,
    face: LabelledFace,
    image: Image,
    scheme: Scheme,
    normaliser: Normaliser,
    frame: Frame,
) -> FaceError:
    points, true = located.points_frame, face.points_frame
    size = (image.shape[0], image.shape[1])
    if frame == "resized-crop":
        points, true, size = to_resized_crop(points, true), to_resized_crop(true, true), (1, 1)
    entry = FaceError(
        face,
        nme(points, true, scheme, normaliser, size),
        region_nme(points, true, scheme, normaliser, size),
    )
    if located.pose_deg is None or not has_68(scheme):
        return entry
    reference = head_pose(face.points_frame, scheme)
    if reference.reprojection_error > POSE_REFERENCE_LIMIT:
        return entry
    return replace(entry, pose_deg=located.pose_deg, pose_true_deg=np.array(reference.angles_deg))


def comparable(face: LabelledFace, scheme: Scheme) -> tuple[LabelledFace, Scheme]:
    """Return the face with its points in the scheme shared with a network's, and that scheme.

    Raises:
        DatasetError: its points cannot be compared with the network's.
    """
    labelled = scheme_of_count(len(face.points_frame))
    shared = None if labelled is None else shared_scheme(scheme, labelled)
    if labelled is None or shared is None:
        raise DatasetError(
            f"{face.picture}: {len(face.points_frame)} points, but the network gives "
            f"{scheme.n_points} ({scheme.name}), which cannot be compared with them"
        )
    if shared == labelled:
        return face, shared
    return replace(face, points_frame=to_68(face.points_frame, labelled)), shared
