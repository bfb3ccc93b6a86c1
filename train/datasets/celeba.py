"""CelebA in the wild (Liu et al. 2015): 202 599 pictures, used without labels.

Layout, as PIPNet's self-training reads it: ``img_celeba/<picture>`` and ``celeba_bboxes.txt``, a
detector's boxes, one a line: ``name xmin ymin xmax ymax``. A picture without a line is not used.

PIPNet enlarges a box by a tenth at the left, the right and the bottom and cuts 0.15 of its height
off the top, so that the crop holds what its crop of a labelled 300W face holds, which is the tight
box x1.3. Turned round, the face lies 0.125 of the height below the middle of the box, and its tight
box is 1.2 / 1.3 of the width and 0.95 / 1.3 of the height.
"""

from __future__ import annotations

from pathlib import Path

from landmarks.boxes import Box, BoxConvention
from landmarks.errors import DatasetError
from landmarks.faces import PictureFile
from landmarks.reading import read_text
from train.datasets.bad_files import BadFiles
from train.datasets.official_count import check_official_count
from train.datasets.unlabelled import UnlabelledFace

OFFICIAL_COUNT = 202599
LIST = "celeba_bboxes.txt"
PICTURES = "img_celeba"
# The above for a box 1.3 times as high as wide, sqrt(1.3) of its height to its side.
CELEBA_BOXES = BoxConvention(dx=0.0, dy=0.14, scale=0.82)


def read_celeba(
    root: Path | str, subset: str, bad: BadFiles | None = None
) -> tuple[UnlabelledFace, ...]:
    """Read the faces in the order of the list of boxes.

    Args:
        root: the folder of ``img_celeba`` and ``celeba_bboxes.txt``.
        subset: ``"all"``.
        bad: what to do with bad lines; the first one raises when None.

    Raises:
        DatasetError: the list is missing, none of its pictures is there, or a line is malformed.
    """
    root, bad = Path(root), bad or BadFiles()
    if subset != "all":
        raise DatasetError(f"CelebA is read without a split: expected subset all, not {subset!r}")
    listing = root / LIST
    if not listing.is_file():
        raise DatasetError(f"{listing}: no such list of boxes (name xmin ymin xmax ymax)")
    faces, absent, left_out = [], [], len(bad.messages)
    text = read_text(listing, what="list of boxes", error=DatasetError)
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        with bad.tolerated():
            name, box = _parse(f"{listing}:{number}", line)
            picture = PictureFile(root / PICTURES / name)
            if picture.path.is_file():
                faces.append(UnlabelledFace(picture, CELEBA_BOXES.to_canonical(box)))
            else:
                absent.append(picture.path)
    left_out = len(bad.messages) - left_out
    check_official_count(listing, len(faces) + left_out, OFFICIAL_COUNT, absent=absent)
    return tuple(faces)


def _parse(where: str, line: str) -> tuple[str, Box]:
    name, *words = line.split()
    try:
        x0, y0, x1, y1 = (float(word) for word in words)
        box = Box(x0, y0, x1, y1)
    except ValueError:
        raise DatasetError(
            f"{where}: expected 'name xmin ymin xmax ymax', received {line!r}"
        ) from None
    if box.area == 0:
        raise DatasetError(f"{where}: the box has no area")
    return name, box
