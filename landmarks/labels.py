"""Do the labels of a face belong to its picture? The one check, wherever labels are used.

Lists say strange things in the place of coordinates: ``-1 -1`` or ``0 0`` for a point that nobody
could see, negated coordinates for one that something hides (MERL-RAV), 99999 for one that is
missing. Taken for points they ruin the crop, what is learned from it and every error that is
published. A point may lie outside of its picture, where a face is cut off: not far from it.
"""

from __future__ import annotations

import numpy as np

from landmarks.cross_scheme import scheme_of_count
from landmarks.errors import DatasetError, PictureError
from landmarks.exif import UPRIGHT, orientation_of
from landmarks.faces import LabelledFace, PictureFile
from landmarks.pictures import MOST_PICTURE_BYTES
from landmarks.reading import read_whole
from landmarks.types import Floats, Image

# Counted from 0: -1 -1 of a list that counts from 0, 0 0 and -1 -1 of one that counts from 1.
UNSEEN = ((-1.0, -1.0), (-2.0, -2.0))
# Four times the median distance from the median point is about the side of a face, whatever a few
# points say. Of 1696 faces of 300W no label lies outside of its picture, and none further than 0.92
# of such a side from the middle.
SIDES_OUTSIDE = 0.5
SIDES_FROM_MIDDLE = 2.0
SIDES_NEGATED = 0.1  # beyond the corner at the origin, on both axes
# Where the eyes of an upright face lie, from the first to the second, in the picture as the sensor
# had it, by EXIF orientation.
_EYES_BEFORE_TURNING = {3: (-1.0, 0.0), 6: (0.0, -1.0), 8: (0.0, 1.0)}
_SURE = np.cos(np.deg2rad(45))


def check_labels(face: LabelledFace, image: Image) -> None:
    """Compare the labels of a face with its picture.

    Args:
        face: with its labels.
        image: its picture, as ``face.picture.read()`` gives it.

    Raises:
        DatasetError: a coordinate is no number, stands for a point that nobody saw, or lies
            nowhere near the picture or the other points; or the labels are of the picture before
            it was turned upright. The message names file and line.
    """
    points = face.points_frame
    middle = np.median(points, axis=0)
    side = 4 * float(np.median(np.abs(points - middle).max(axis=1)))
    height, width = image.shape[:2]
    beyond = np.maximum(-0.5 - points, points - (np.array([width, height]) - 0.5)).max(axis=1)
    far = np.abs(points - middle).max(axis=1)
    unseen = (points[:, None] == np.array(UNSEEN, points.dtype)).all(axis=2).any(axis=1)
    negated = (points < 0).all(axis=1) & (beyond > SIDES_NEGATED * side)
    for bad, problem in (
        (~np.isfinite(points).all(axis=1), "is not finite"),
        (unseen, "is what lists write for a point that nobody saw: it is no place in a picture"),
        (
            negated | (beyond > SIDES_OUTSIDE * side) | (far > SIDES_FROM_MIDDLE * side),
            f"lies nowhere near the face, in a picture of {width} x {height} px",
        ),
    ):
        if bad.any():
            raise DatasetError(_point(face, int(bad.argmax()), problem))
    if (beyond > 0).mean() > 0.5:
        raise DatasetError(
            f"{face.origin}: most of its {len(points)} points lie outside of {face.picture}, a "
            f"picture of {width} x {height} px"
        )
    _check_turn(face, points)


def _point(face: LabelledFace, index: int, problem: str) -> str:
    x, y = face.points_frame[index].tolist()
    line = f":{face.lines[index]}" if face.lines else ""
    return (
        f"{face.origin}{line}: point {index + 1} of {face.picture} {problem}: it is at "
        f"({x:g}, {y:g}), counted from 0; correct it or leave the face out"
    )


def _check_turn(face: LabelledFace, points: Floats) -> None:
    """Refuse labels whose eyes lie as they did before the picture was turned by its EXIF."""
    scheme = scheme_of_count(len(points))
    if scheme is None or not isinstance(face.picture, PictureFile):
        return
    try:
        data = read_whole(
            face.picture.path, what="picture", most_bytes=MOST_PICTURE_BYTES, error=PictureError
        )
    except PictureError:  # it is read for its pixels, and then says so
        return
    orientation = orientation_of(data[: 1 << 16])
    if orientation == UPRIGHT or orientation not in _EYES_BEFORE_TURNING:
        return
    first, second = (points[i] for i in scheme.eye_corners)
    eyes = (second - first) / max(float(np.linalg.norm(second - first)), 1e-6)
    if float(eyes @ np.array(_EYES_BEFORE_TURNING[orientation])) > _SURE:
        raise DatasetError(
            f"{face.origin}: the labels are of {face.picture} before it is turned upright (EXIF "
            f"orientation {orientation}): turn the points as the picture, or take the orientation "
            "out of the file"
        )
