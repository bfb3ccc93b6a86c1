"""Prepared data: every face cut once into memory-mapped arrays that training reads from.

A prepared folder holds::

    crops.npy      uint8 (faces, size, size, 3), the canonical face box enlarged by ``scale``
    points.npy     float32 (faces, n, 2), pixels of the crop
    prepared.json  where they come from; written last, so a folder without it is not complete
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from tqdm import tqdm

from landmarks.boxes import face_box
from landmarks.crop import crop_transform
from landmarks.errors import DatasetError
from landmarks.faces import LabelledFace
from landmarks.files import atomic_write, refuse_overwrite
from landmarks.types import Floats

PREPARED_SIZE = 256
# Wide enough that a crop of 1.25, enlarged, turned and shifted by augmentation, finds real pixels.
PREPARED_SCALE = 1.7
MARKER = "prepared.json"


@dataclass(frozen=True)
class PreparedInfo:
    """What ``prepared.json`` says.

    Attributes:
        dataset, subset: what was read.
        scheme: name of the landmark scheme.
        n: faces.
        size: side of a crop in pixels.
        scale: side of the crop divided by the side of the canonical box.
        names: file name of each face.
        sha256: of crops and points together.
    """

    dataset: str
    subset: str
    scheme: str
    n: int
    size: int
    scale: float
    names: tuple[str, ...]
    sha256: str


@dataclass(frozen=True)
class PreparedData:
    """An open prepared folder; the arrays are read-only maps of the files."""

    info: PreparedInfo
    crops: npt.NDArray[np.uint8]
    points_crop: Floats


def prepare(
    faces: Sequence[LabelledFace],
    out: Path,
    *,
    dataset: str,
    subset: str,
    scheme: str,
    force: bool = False,
) -> PreparedInfo:
    """Cut the faces into ``out``.

    Raises:
        OutputExistsError: ``out`` is complete already and ``force`` is not set.
        PictureError: a picture cannot be read.
    """
    refuse_overwrite(out / MARKER, force=force)
    out.mkdir(parents=True, exist_ok=True)
    (out / MARKER).unlink(missing_ok=True)
    n_points = len(faces[0].points_frame)
    crops = np.lib.format.open_memmap(
        out / "crops.npy", "w+", np.uint8, (len(faces), PREPARED_SIZE, PREPARED_SIZE, 3)
    )
    points = np.lib.format.open_memmap(
        out / "points.npy", "w+", np.float32, (len(faces), n_points, 2)
    )
    digest = hashlib.sha256()
    for i, face in enumerate(tqdm(faces, desc="prepare", unit="face", disable=None)):
        transform = crop_transform(
            face_box(face.points_frame), size=PREPARED_SIZE, scale=PREPARED_SCALE
        )
        crops[i] = transform.cut(face.picture.read())
        points[i] = transform.to_crop(face.points_frame)
        digest.update(crops[i].tobytes())
        digest.update(points[i].tobytes())
    crops.flush()
    points.flush()
    info = PreparedInfo(
        dataset=dataset,
        subset=subset,
        scheme=scheme,
        n=len(faces),
        size=PREPARED_SIZE,
        scale=PREPARED_SCALE,
        names=tuple(face.picture.name for face in faces),
        sha256=digest.hexdigest(),
    )
    with atomic_write(out / MARKER) as temporary:
        temporary.write_text(json.dumps(asdict(info), indent=1))
    return info


def open_prepared(folder: Path | str) -> PreparedData:
    """Open a prepared folder.

    Raises:
        DatasetError: it is missing, incomplete, or its arrays do not match its description.
    """
    folder = Path(folder)
    try:
        fields = json.loads((folder / MARKER).read_text())
        info = PreparedInfo(**{**fields, "names": tuple(fields["names"])})
        crops = np.load(folder / "crops.npy", mmap_mode="r")
        points = np.load(folder / "points.npy", mmap_mode="r")
    except FileNotFoundError as error:
        raise DatasetError(
            f"{folder}: not a prepared folder ({Path(error.filename).name} is missing): run "
            f"python -m train prepare w300 --root DIR --out {folder}"
        ) from None
    except (TypeError, KeyError, ValueError) as error:
        raise DatasetError(f"{folder}: damaged prepared folder ({error}), prepare again") from None
    if len(crops) != info.n or len(points) != info.n:
        raise DatasetError(
            f"{folder}: {MARKER} says {info.n} faces, the arrays hold {len(crops)}, {len(points)}"
        )
    return PreparedData(info, crops, points)
