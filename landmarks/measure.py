"""A network measured on labelled faces: the one evaluation, whatever runs the network.

A network of WFLW's 98 points and labels of 300W's 68, or the other way round, are compared at the
68 points that they share.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

import numpy as np

from landmarks.boxes import Box, face_box
from landmarks.cross_scheme import has_68, scheme_of_count, shared_scheme, to_68
from landmarks.errors import DatasetError
from landmarks.faces import LabelledFace
from landmarks.labels import check_labels
from landmarks.locate import Localizer, LocatedFace
from landmarks.metrics import Frame, Normaliser, nme, region_nme, to_resized_crop
from landmarks.pose import head_angles_deg, head_pose
from landmarks.schemes import Scheme, get_scheme
from landmarks.score import FaceError, Score
from landmarks.types import Floats, Image

BoxSource = Callable[[Image, LabelledFace], Box | None]
Locate = Callable[[Image, Box], LocatedFace]
POSE_REFERENCE_LIMIT = 0.15  # reprojection error above which labels do not give a pose


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
        check_labels(labelled, image)
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
        located.points_frame,
        nme(points, true, scheme, normaliser, size),
        region_nme(points, true, scheme, normaliser, size),
    )
    if not has_68(scheme):
        return entry
    reference = head_pose(face.points_frame, scheme)
    if reference.reprojection_error > POSE_REFERENCE_LIMIT:
        return entry
    pose_deg = _pose_of(located, scheme)
    return replace(entry, pose_deg=pose_deg, pose_true_deg=np.array(reference.angles_deg))


def _pose_of(located: LocatedFace, scheme: Scheme) -> Floats | None:
    """Return the pose that a live run would say: the network's own, or the fit of its points."""
    if located.pose_deg is not None:
        return located.pose_deg
    try:
        return np.array(head_angles_deg(located.points_frame, scheme), np.float32)
    except ValueError:  # an untrained network's points may lie on a line
        return None


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
