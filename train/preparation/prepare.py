"""Cut the faces of a data set into a prepared folder; ``prepared.py`` says what it holds.

Threads decode and cut, which OpenCV does without the interpreter's lock; one writer puts the faces
into the files in their order. So the bytes do not depend on the number of threads, a bad picture
leaves no hole, and memory holds a few pictures at a time, whatever the size of the data set.

The files appear under their names when all of them are complete: an interrupted run leaves what
was there before.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from tqdm import tqdm

from landmarks.boxes import Box, face_box
from landmarks.crop import crop_transform
from landmarks.errors import DatasetError
from landmarks.faces import LabelledFace
from landmarks.files import clear_half_written, refuse_overwrite, write_whole
from landmarks.labels import check_labels
from landmarks.pictures import write_picture
from landmarks.spread import evenly_spread
from landmarks.types import Floats, Image
from train.datasets.bad_files import BadFiles
from train.datasets.unlabelled import UnlabelledFace
from train.preparation.contact_sheet import draw_contact_sheet
from train.preparation.npy_append import appended_npy
from train.preparation.prepared import (
    CROPS,
    FORMAT,
    MARKER,
    POINTS,
    PREPARED_SIZE,
    PreparedData,
    PreparedInfo,
)

# Wide enough that a crop of 1.25, enlarged, turned and shifted by augmentation, finds real pixels.
PREPARED_SCALE = 1.7
CONTACT_SHEET = "contact_sheet.jpg"
AHEAD = 4  # pictures in flight for each thread
Face = LabelledFace | UnlabelledFace


def prepare(
    faces: Sequence[LabelledFace] | Sequence[UnlabelledFace],
    out: Path,
    *,
    dataset: str,
    subset: str,
    scheme: str | None,
    terms: str = "",
    bad: BadFiles | None = None,
    size: int = PREPARED_SIZE,
    limit: int | None = None,
    workers: int | None = None,
    force: bool = False,
) -> PreparedInfo:
    """Cut the faces into ``out``.

    Args:
        faces: what a reader of ``train.datasets`` gave.
        out: folder to write.
        dataset: name of the data set.
        subset: part of it.
        scheme: name of the landmark scheme; None for unlabelled faces.
        terms: what the owners of the data set ask.
        bad: what to do with bad pictures, and those that the reader met; raises when None.
        size: side of a crop in pixels.
        limit: take this many faces, evenly spread, instead of all.
        workers: threads; one for each core when None.
        force: replace a complete folder.

    Raises:
        OutputExistsError: ``out`` is complete already and ``force`` is not set.
        PictureError: a picture cannot be read.
        DatasetError: a face does not lie in its picture, or no face is left.
        OSError: the folder cannot be written to; no file is left half.
    """
    refuse_overwrite(out / MARKER, force=force)
    clear_half_written(out)
    bad = bad or BadFiles()
    names = face_names([face.picture.name for face in faces])
    chosen = evenly_spread(len(faces), len(faces) if limit is None else limit).tolist()
    digest = hashlib.sha256()
    kept: list[int] = []
    with ExitStack() as files:
        crops = files.enter_context(appended_npy(out / CROPS))
        points = files.enter_context(appended_npy(out / POINTS)) if scheme is not None else None
        cut = _cut_in_order([faces[i] for i in chosen], size, bad, workers or os.cpu_count() or 1)
        bar = tqdm(cut, desc="prepare", unit="face", total=len(chosen), disable=None)
        for index, face in zip(chosen, bar, strict=True):
            if face is None:
                continue
            crops.append(face.crop)
            digest.update(face.crop.tobytes())
            if points is not None and face.points_crop is not None:
                points.append(face.points_crop)
                digest.update(face.points_crop.tobytes())
            kept.append(index)
        if not kept:
            raise DatasetError(f"{dataset} {subset}: no face is left of {len(chosen)}")
        (out / MARKER).unlink(missing_ok=True)  # from here the old folder is no longer complete
    if scheme is None:
        (out / POINTS).unlink(missing_ok=True)
    info = PreparedInfo(
        dataset=dataset,
        subset=subset,
        scheme=scheme,
        n=len(kept),
        size=size,
        scale=PREPARED_SCALE,
        names=tuple(names[i] for i in kept),
        sha256=digest.hexdigest(),
        groups=_groups([faces[i] for i in kept]),
        terms=terms,
        skipped=len(bad.messages),
        format=FORMAT,
    )
    write_picture(out / CONTACT_SHEET, draw_contact_sheet(_written(out, info)), force=True)
    write_whole(out / MARKER, json.dumps(asdict(info), indent=1).encode())
    bad.report()
    return info


def face_names(picture_names: Sequence[str]) -> list[str]:
    """Name every face once: the second face of ``a.jpg`` is ``a.jpg#1``, the third ``a.jpg#2``.

    See ``train.preparation.prepared.kept_together``.
    """
    seen: Counter[str] = Counter()
    names = []
    for name in picture_names:
        names.append(f"{name}#{seen[name]}" if seen[name] else name)
        seen[name] += 1
    return names


@dataclass(frozen=True)
class _CutFace:
    crop: Image  # (size, size, 3)
    points_crop: Floats | None


def _cut_in_order(
    faces: Sequence[Face], size: int, bad: BadFiles, workers: int
) -> Iterator[_CutFace | None]:
    """Yield the faces in their order; None for one that was left out."""
    pending: deque[Future[_CutFace]] = deque()
    rest = iter(faces)
    with ThreadPoolExecutor(workers, thread_name_prefix="cut") as pool:
        try:
            while True:
                while len(pending) < AHEAD * workers and (face := next(rest, None)) is not None:
                    pending.append(pool.submit(_cut, face, size))
                if not pending:
                    return
                cut = None
                with bad.tolerated():
                    cut = pending.popleft().result()
                yield cut
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def _cut(face: Face, size: int) -> _CutFace:
    image = face.picture.read()
    if isinstance(face, LabelledFace):
        check_labels(face, image)
    box = _box(face)
    height, width = image.shape[:2]
    x, y = box.centre
    if box.width <= 0 or not (0 <= x < width and 0 <= y < height):
        raise DatasetError(
            f"{face.picture}: the face at ({x:.0f}, {y:.0f}), {box.width:.0f} px wide, does not "
            f"lie in the picture of {width} x {height} px"
        )
    transform = crop_transform(box, size=size, scale=PREPARED_SCALE)
    points = transform.to_crop(face.points_frame) if isinstance(face, LabelledFace) else None
    return _CutFace(transform.cut(image), points)


def _box(face: Face) -> Box:
    """Labels are the better judge of where a face is: a data set's own box is for evaluation."""
    return face_box(face.points_frame) if isinstance(face, LabelledFace) else face.box


def _groups(faces: Sequence[Face]) -> dict[str, tuple[int, ...]]:
    members: dict[str, list[int]] = {}
    for i, face in enumerate(faces):
        for group in face.groups if isinstance(face, LabelledFace) else ():
            members.setdefault(group, []).append(i)
    return {group: tuple(members[group]) for group in sorted(members)}


def _written(out: Path, info: PreparedInfo) -> PreparedData:
    """Map the arrays that were just written, before the folder is complete."""
    crops = np.load(out / CROPS, mmap_mode="r")
    labelled = info.scheme is not None
    points = np.load(out / POINTS, mmap_mode="r") if labelled else np.zeros((0, 0, 2), np.float32)
    return PreparedData(info, crops, points)
