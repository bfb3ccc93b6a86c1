"""Any folder of pictures, without labels: a finder looks for the face, or the picture is its crop.

The subset says which:

- ``found``: the finder that is shipped looks at every picture, and its surest face is taken;
  pictures where it sees none are left out.
- ``crop:SIDE,DY``: every picture is the crop of one face. SIDE is the side of the canonical face
  box and DY how far its centre lies below the middle of the picture, both as a share of the
  picture's longer side. ``crop:0.5,0.08`` fits a usual detector's box enlarged by 1.6, which begins
  at the forehead; ``crop:0.82,0.15`` fits tight crops cut from hair to chin. Both are medians of
  what a landmark network saw in 150 pictures of such a folder. ``crop`` alone is ``crop:0.8,0``,
  the crop of training, ``landmarks.crop.DEFAULT_CROP_SCALE``.

The contact sheet of ``prepare`` shows whether the boxes fit. The finder is the device's own, so
that self-training meets the boxes which the device will see.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

from tqdm import tqdm

from edge.finder.choose import open_finder
from landmarks.boxes import Box
from landmarks.content import passed_over
from landmarks.crop import DEFAULT_CROP_SCALE
from landmarks.errors import DatasetError
from landmarks.faces import PictureFile
from landmarks.pictures import SUFFIXES
from landmarks.types import Image
from train.datasets.bad_files import BadFiles
from train.datasets.unlabelled import UnlabelledFace

logger = logging.getLogger(__name__)
FindBox = Callable[[Image], Box | None]


def read_folder(
    root: Path | str, subset: str, bad: BadFiles | None = None
) -> tuple[UnlabelledFace, ...]:
    """Read the pictures of a folder and its subfolders, sorted by path.

    Every picture is read once to learn its size or its face.

    Args:
        root: the folder.
        subset: ``"found"``, ``"crop"`` or ``"crop:SIDE,DY"``.
        bad: what to do with bad pictures; the first one raises when None.

    Raises:
        DatasetError: the folder is missing or has no picture, no face was found, or the subset is
            malformed.
        PictureError: a picture cannot be read.
        MissingExtraError: the finder's interpreter is not installed.
    """
    root, bad = Path(root), bad or BadFiles()
    find = _box_finder(subset)
    if not root.is_dir():
        raise DatasetError(f"{root}: no such folder of pictures")
    files = [path for path in root.rglob("*") if path.is_file() and path.name[0] != "."]
    paths = sorted(path for path in files if path.suffix.lower() in SUFFIXES)
    if others := set(files) - set(paths):
        logger.warning("%s: %s of other kinds are passed over", root, passed_over(others))
    if not paths:
        raise DatasetError(f"{root}: no pictures in this folder ({', '.join(SUFFIXES)})")
    faces, without = [], 0
    for path in tqdm(paths, desc="boxes", unit="picture", disable=None, leave=False):
        with bad.tolerated():
            picture = PictureFile(path)
            box = find(picture.read())
            if box is None:
                without += 1
            else:
                faces.append(UnlabelledFace(picture, box))
    if without:
        logger.warning("%s: no face was found in %d of %d pictures", root, without, len(paths))
    if not faces:
        raise DatasetError(f"{root}: no face in any of {len(paths)} pictures")
    return tuple(faces)


def _box_finder(subset: str) -> FindBox:
    kind, _, numbers = subset.partition(":")
    if subset == "found":
        finder = open_finder()
        return lambda image: next((found.box for found in finder.find(image)), None)
    if kind != "crop":
        raise DatasetError(f"a folder has no subset {subset!r}, expected found or crop:SIDE,DY")
    side, below = 1 / DEFAULT_CROP_SCALE, 0.0
    if numbers:
        try:
            side, below = (float(number) for number in numbers.split(","))
        except ValueError:
            raise DatasetError(
                f"subset {subset!r}: expected crop:SIDE,DY, e.g. crop:0.5,0.08"
            ) from None
    if not (0 < side <= 2 and abs(below) < 1):
        raise DatasetError(
            f"subset {subset!r}: SIDE and DY are shares of the picture's longer side"
        )
    return lambda image: _crop_box(image, side, below)


def _crop_box(image: Image, side: float, below: float) -> Box:
    height, width = image.shape[:2]
    longer = max(height, width)
    centre = (width - 1) / 2, (height - 1) / 2 + below * longer
    return Box.from_centre(centre, side * longer)
