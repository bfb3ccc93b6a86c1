"""AFLW-19 (Zhu et al. 2016): 19 points of 24 386 AFLW faces, many of them in profile.

Layout: ``AFLWinfo_release.mat`` with ``nameList`` (pictures, ``0/image00002.jpg``), ``data``
(n x 38: 19 x, 19 y), ``bbox`` (n x 4: xmin, xmax, ymin, ymax, in this order), ``mask_new`` (n x 19,
1 where a point can be seen) and ``ra``, a permutation of the faces counted from 1. The first 20 000
of it train, the other 4386 test ("full"). The pictures are AFLW's own, ``flickr/{0,2,3}``.

``frontal`` is the test faces with all 19 points visible, as in HRNet's and FaRL's tools (1314);
asking also that the points lie inside the rectangle gives the 1165 of SAN's. We have not seen the
file itself: both counts are quoted, and only the first is checked against.

Hidden points: they have positions, estimated by the annotators, and every method is trained and
measured on them; so they are used here. A face with a point at exactly (0, 0), which would mean
that it has none, is a bad record.

Coordinates are used as they stand, counted from 0, like in PIPNet and FaRL. AFLW's annotation tool
was no MATLAB program, but nobody documents it: half a pixel is in doubt.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from landmarks.boxes import Box, BoxConvention
from landmarks.errors import DatasetError
from landmarks.faces import LabelledFace, PictureFile
from landmarks.schemes import AFLW19
from landmarks.types import Floats
from train.datasets.bad_files import BadFiles
from train.datasets.matlab import open_mat
from train.datasets.official_count import check_official_count

N_FACES = 24386
N_TRAIN = 20000
OFFICIAL_COUNTS = {"train": N_TRAIN, "full": N_FACES - N_TRAIN, "frontal": 1314}
PICTURE_FOLDERS = ("flickr", "data/flickr", "images", ".")
# From the mean face that PIPNet ships for this rectangle as it is: the points are 0.497 wide and
# 0.732 high, 0.067 below its middle. AFLW's rectangles are square.
AFLW_BOXES = BoxConvention(dx=0.0, dy=0.07, scale=0.73)


def read_aflw19(
    root: Path | str, subset: str, bad: BadFiles | None = None
) -> tuple[LabelledFace, ...]:
    """Read the faces of a subset in the order of the published permutation.

    Args:
        root: the folder of ``AFLWinfo_release.mat`` and of the pictures' folder.
        subset: ``"train"``, ``"full"`` or ``"frontal"``.
        bad: what to do with bad records; the first one raises when None.

    Raises:
        DatasetError: the file is missing or damaged, none of its pictures is there, or a record is
            malformed.
    """
    root, bad = Path(root), bad or BadFiles()
    if subset not in OFFICIAL_COUNTS:
        raise DatasetError(
            f"AFLW-19 has no subset {subset!r}, expected {', '.join(OFFICIAL_COUNTS)}"
        )
    path = root / "AFLWinfo_release.mat"
    mat = open_mat(path)
    names = mat.texts("nameList")
    points, rectangles = mat.matrix("data"), mat.matrix("bbox")
    visible = mat.matrix("mask_new") > 0
    order = mat.matrix("ra").ravel().astype(int) - 1
    n = len(names)
    shapes = (points.shape, rectangles.shape, visible.shape)
    if shapes != ((n, 2 * AFLW19.n_points), (n, 4), (n, AFLW19.n_points)):
        raise DatasetError(f"{path}: data, bbox and mask_new of shapes {shapes} for {n} names")
    if sorted(order.tolist()) != list(range(n)):
        raise DatasetError(f"{path}: ra is no permutation of 1 to {n}")
    if n != N_FACES:  # without it the published split means nothing
        raise DatasetError(f"{path}: {n} faces, expected {N_FACES}: not the released file")
    frontal = np.all(visible, axis=1)
    chosen = order[:N_TRAIN] if subset == "train" else order[N_TRAIN:]
    if subset == "frontal":
        chosen = chosen[frontal[chosen]]
    pictures = _picture_folder(root)
    faces, absent, left_out = [], [], len(bad.messages)
    for i in chosen:
        picture = PictureFile(pictures / names[i])
        if not picture.path.is_file():
            absent.append(picture.path)
            continue
        with bad.tolerated():
            where = f"{path}: face {i + 1} ({names[i]})"
            box = AFLW_BOXES.to_canonical(_rectangle(where, rectangles[i]))
            groups = ("frontal",) if frontal[i] else ()
            faces.append(LabelledFace(picture, _points(where, points[i]), box, groups))
    left_out = len(bad.messages) - left_out
    check_official_count(
        f"{root}: {subset}", len(faces) + left_out, OFFICIAL_COUNTS[subset], absent=absent
    )
    return tuple(faces)


def _picture_folder(root: Path) -> Path:
    """Return the folder that holds AFLW's folders 0, 2 and 3."""
    for name in PICTURE_FOLDERS:
        if any((root / name / part).is_dir() for part in ("0", "2", "3")):
            return root / name
    raise DatasetError(
        f"{root}: no pictures of AFLW, expected folders 0, 2 and 3 in one of "
        f"{', '.join(PICTURE_FOLDERS)}"
    )


def _points(where: str, row: Floats) -> Floats:
    points = np.column_stack(np.split(row, 2)).astype(np.float32)
    if not np.isfinite(points).all():
        raise DatasetError(f"{where}: a coordinate is not finite")
    if (points == 0).all(axis=1).any():
        raise DatasetError(f"{where}: a point has no position")
    return points


def _rectangle(where: str, row: Floats) -> Box:
    x0, x1, y0, y1 = row.tolist()
    try:
        return Box(x0, y0, x1, y1)
    except ValueError as error:
        raise DatasetError(f"{where}: bad rectangle: {error}") from None
