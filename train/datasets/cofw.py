"""COFW (Burgos-Artizzu et al. 2013): 29 points of occluded faces; pictures inside MATLAB files.

Layout: ``COFW_train_color.mat`` with ``IsTr`` (a cell of pictures), ``bboxesTr`` (n x 4: x, y,
width, height) and ``phisTr`` (n x 87: 29 x, 29 y, 29 occlusion flags), 1345 faces;
``COFW_test_color.mat`` with ``IsT``, ``bboxesT`` and ``phisT``, 507 faces. The earlier grey files
``COFW_{train,test}.mat`` are read too. Some pictures of the colour files are grey as well.

COFW-68 (Ghiasi and Fowlkes 2015) labels the test pictures with 300W's 68 points:
``cofw68_test_annotations/<i>_points.mat`` with ``Points`` (68 x 2), and
``cofw68_test_bboxes.mat`` with ``bboxes`` (n x 4: x, y, width, height).

Both are MATLAB's, whose plots put the centre of the first pixel at 1, and COFW-68's own viewer
draws points and rectangles as they stand: 1 is taken off. PIPNet and HRNet's tools do not, so their
labels lie one pixel to the lower right of these.

A rectangle ends at x + width - 1, as in PIPNet.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from landmarks.boxes import Box, BoxConvention
from landmarks.errors import DatasetError
from landmarks.faces import LabelledFace, Picture
from landmarks.schemes import COFW29, IBUG68
from landmarks.types import Floats
from train.datasets.bad_files import BadFiles
from train.datasets.matlab import MatFile, open_mat
from train.datasets.official_count import check_official_count

OFFICIAL_COUNTS = {"train": 1345, "test": 507}
SUFFIXES = {"train": "Tr", "test": "T"}  # of the variables
# From the mean face that PIPNet ships for this rectangle as it is: the 29 points are 0.839 wide and
# 0.853 high, 0.013 to the right of its middle and 0.019 below.
COFW_BOXES = BoxConvention(dx=0.01, dy=0.02, scale=0.85)
# A detector's boxes made to look like 300W's, says the README of COFW-68; PIPNet enlarges both by
# 1.3, so it takes them for the tight box of the 68 points.
COFW68_BOXES = BoxConvention(dx=0.0, dy=0.0, scale=1.0)
COFW68_FOLDERS = ("cofw68_test_annotations", "test_annotations")


def read_cofw(
    root: Path | str, subset: str, bad: BadFiles | None = None
) -> tuple[LabelledFace, ...]:
    """Read the faces of a subset; a face with a hidden point is of the group ``"occluded"``.

    Args:
        root: the folder of the MATLAB files.
        subset: ``"train"`` or ``"test"``.
        bad: what to do with bad records; the first one raises when None.

    Raises:
        DatasetError: the file is missing, damaged, or a record is malformed.
    """
    root, bad = Path(root), bad or BadFiles()
    if subset not in OFFICIAL_COUNTS:
        raise DatasetError(f"COFW has no subset {subset!r}, expected {', '.join(OFFICIAL_COUNTS)}")
    mat, suffix = _pictures_file(root, subset), SUFFIXES[subset]
    pictures = mat.pictures(f"Is{suffix}")
    labels = _rows(mat, f"phis{suffix}", len(pictures), 3 * COFW29.n_points)
    rectangles = _rows(mat, f"bboxes{suffix}", len(pictures), 4)
    faces = []
    for picture, label, rectangle in zip(pictures, labels, rectangles, strict=True):
        with bad.tolerated():
            x, y, hidden = np.split(label, 3)
            groups = ("occluded",) if hidden.any() else ()
            points = _points(picture, np.column_stack([x, y]))
            box = COFW_BOXES.to_canonical(_rectangle(picture, rectangle))
            faces.append(LabelledFace(picture, points, box, groups))
    check_official_count(f"{root}: {subset}", len(pictures), OFFICIAL_COUNTS[subset])
    return tuple(faces)


def read_cofw68(
    root: Path | str, subset: str, bad: BadFiles | None = None
) -> tuple[LabelledFace, ...]:
    """Read COFW's test faces with 68 points.

    Args:
        root: the folder of ``COFW_test_color.mat`` and of COFW-68's files, or of its folder
            ``COFW68_Data``.
        subset: ``"test"``.
        bad: what to do with bad records; the first one raises when None.

    Raises:
        DatasetError: a file or folder is missing or damaged, or a record is malformed.
    """
    root, bad = Path(root), bad or BadFiles()
    if subset != "test":
        raise DatasetError(f"COFW-68 has no subset {subset!r}, expected test")
    places = (root, root / "COFW68_Data")
    folders = [place / name for place in places for name in COFW68_FOLDERS]
    folder = next((folder for folder in folders if folder.is_dir()), None)
    if folder is None:
        raise DatasetError(f"{root}: no folder {' or '.join(COFW68_FOLDERS)} of COFW-68")
    pictures = _pictures_file(root, subset).pictures("IsT")
    boxes_file = open_mat(folder.parent / "cofw68_test_bboxes.mat")
    rectangles = _rows(boxes_file, "bboxes", len(pictures), 4)
    faces = []
    for i, (picture, rectangle) in enumerate(zip(pictures, rectangles, strict=True), start=1):
        with bad.tolerated():
            label = folder / f"{i}_points.mat"
            points = open_mat(label).matrix("Points")
            if points.shape != (IBUG68.n_points, 2):
                raise DatasetError(f"{label}: Points of shape {points.shape}, expected (68, 2)")
            box = COFW68_BOXES.to_canonical(_rectangle(picture, rectangle))
            faces.append(LabelledFace(picture, _points(picture, points), box))
    check_official_count(f"{root}: {subset}", len(pictures), OFFICIAL_COUNTS[subset])
    return tuple(faces)


def _pictures_file(root: Path, subset: str) -> MatFile:
    names = (f"COFW_{subset}_color.mat", f"COFW_{subset}.mat")
    for place in (root, root / "COFW68_Data"):
        for name in names:
            if (place / name).is_file():
                return open_mat(place / name)
    raise DatasetError(f"{root}: holds neither {' nor '.join(names)}")


def _rows(mat: MatFile, variable: str, n: int, columns: int) -> Floats:
    rows = mat.matrix(variable)
    if rows.shape != (n, columns):
        raise DatasetError(
            f"{variable} has shape {rows.shape}, expected ({n}, {columns}): a row for each of the "
            f"{n} pictures"
        )
    return rows


def _points(picture: Picture, points: Floats) -> Floats:
    if not np.isfinite(points).all():
        raise DatasetError(f"{picture}: a coordinate is not finite")
    return (points - 1.0).astype(np.float32)


def _rectangle(picture: Picture, rectangle: Floats) -> Box:
    x, y, width, height = rectangle.tolist()
    try:
        return Box(x - 1, y - 1, x - 1 + width - 1, y - 1 + height - 1)
    except ValueError as error:
        raise DatasetError(f"{picture}: bad rectangle: {error}") from None
