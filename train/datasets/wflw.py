"""WFLW (Wu et al. 2018): 98 points, a rectangle and six attributes for each of 10 000 faces.

Layout: ``WFLW_images/<event>/<picture>`` and ``WFLW_annotations/list_98pt_rect_attr_train_test/
list_98pt_rect_attr_{train,test}.txt``, one face a line, 207 words: 98 pairs x y, the rectangle
xmin ymin xmax ymax, six flags (pose, expression, illumination, make-up, occlusion, blur), and the
path below ``WFLW_images``. 7500 faces train, 2500 test; a picture may show several of them, and
then each of its faces has a line. The flags that are set become the ``groups`` of a face.

Coordinates are used as they stand, counted from 0. The owners do not say where they count from;
both PIPNet and HRNet's tools take them so. A few points lie outside their picture; PIPNet clamps
them, here they stay where they are, because a crop may show what lies outside.

The rectangle reaches from above the brows to the chin. PIPNet enlarges it by a tenth on every side,
and, where it has to fit 300W's boxes (which hold no forehead), cuts a tenth off the top instead.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np

from landmarks.boxes import Box, BoxConvention
from landmarks.errors import DatasetError
from landmarks.faces import LabelledFace, PictureFile
from landmarks.reading import read_text
from landmarks.schemes import WFLW98
from train.datasets.bad_files import BadFiles
from train.datasets.official_count import check_official_count

ATTRIBUTES = ("pose", "expression", "illumination", "makeup", "occlusion", "blur")
OFFICIAL_COUNTS = {"train": 7500, "test": 2500}
LISTS = Path("WFLW_annotations/list_98pt_rect_attr_train_test")
PICTURES = Path("WFLW_images")
# From the mean face that PIPNet ships for its crop, the rectangle x1.2: there the landmarks are
# 0.833 wide and 0.611 high, 0.109 below the middle, so 1.0 of the width and 0.733 of the height of
# the rectangle. With faces 1.02 times as wide as high (300W) it is 1.34 times as high as wide.
WFLW_BOXES = BoxConvention(dx=0.0, dy=0.15, scale=0.86)


def read_wflw(
    root: Path | str, subset: str, bad: BadFiles | None = None
) -> tuple[LabelledFace, ...]:
    """Read the faces of a subset in the order of its list.

    Args:
        root: the folder that holds ``WFLW_images`` and ``WFLW_annotations``.
        subset: ``"train"`` or ``"test"``.
        bad: what to do with bad lines; the first one raises when None.

    Raises:
        DatasetError: the list is missing, none of its pictures is there, or a line is malformed.
    """
    root, bad = Path(root), bad or BadFiles()
    if subset not in OFFICIAL_COUNTS:
        raise DatasetError(f"WFLW has no subset {subset!r}, expected {', '.join(OFFICIAL_COUNTS)}")
    listing = root / LISTS / f"list_98pt_rect_attr_{subset}.txt"
    if not listing.is_file():
        raise DatasetError(f"{listing}: no such list; --root is the folder of WFLW_annotations")
    faces, absent, left_out = [], [], len(bad.messages)
    text = read_text(listing, what="list of faces", error=DatasetError)
    find = _picture_finder(root / PICTURES)
    for number, line in enumerate(text.splitlines(), start=1):
        words = line.replace(",", " ").split()
        if not words:
            continue
        with bad.tolerated():
            picture = PictureFile(find(words[-1]))
            face = _parse(f"{listing}:{number}", words, picture)
            if picture.path.is_file():
                faces.append(face)
            else:
                absent.append(picture.path)
    left_out = len(bad.messages) - left_out
    check_official_count(listing, len(faces) + left_out, OFFICIAL_COUNTS[subset], absent=absent)
    return tuple(faces)


def _picture_finder(folder: Path) -> Callable[[str], Path]:
    """Return a function from a path of the list to a picture.

    Re-uploads write backslashes, other cases, or put all pictures into one folder: where the path
    as listed is missing, a picture of the same name counts, if the folder has just one.
    """

    @cache
    def by_name() -> dict[str, list[Path]]:
        found: dict[str, list[Path]] = {}
        for path in sorted(folder.rglob("*")):
            found.setdefault(path.name.lower(), []).append(path)
        return found

    def find(listed: str) -> Path:
        path = folder / listed.replace("\\", "/")
        if path.is_file():
            return path
        alike = by_name().get(path.name.lower(), [])
        return alike[0] if len(alike) == 1 else path

    return find


def _parse(where: str, words: list[str], picture: PictureFile) -> LabelledFace:
    n_numbers = 2 * WFLW98.n_points + 4
    expected = n_numbers + len(ATTRIBUTES) + 1
    if len(words) != expected:
        raise DatasetError(f"{where}: {len(words)} words, expected {expected}")
    try:
        numbers = np.array([float(word) for word in words[:n_numbers]])
        box = WFLW_BOXES.to_canonical(Box(*numbers[-4:].tolist()))
    except ValueError as error:
        raise DatasetError(f"{where}: {error}") from None
    points = numbers[:-4].reshape(-1, 2).astype(np.float32)
    if not np.isfinite(points).all():
        raise DatasetError(f"{where}: a coordinate is not finite")
    flags = words[n_numbers:-1]
    if not set(flags) <= {"0", "1"}:
        raise DatasetError(f"{where}: expected six flags of 0 or 1, received {' '.join(flags)}")
    groups = tuple(name for name, flag in zip(ATTRIBUTES, flags, strict=True) if flag == "1")
    return LabelledFace(picture, points, box, groups, listed=where)
