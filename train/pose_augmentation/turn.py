"""A prepared folder of faces turned out of plane: the poses that a data set has few of.

Each face is turned on to the side that it looks to, as 300W-LP does (Zhu et al., CVPR 2016): what
was hidden stays hidden, and nothing has to be made up but what its surroundings are stretched over.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tqdm import tqdm

from landmarks.errors import DatasetError, UsageError
from landmarks.faces import LabelledFace
from landmarks.files import refuse_overwrite
from landmarks.pose import pose_rotation
from landmarks.schemes import IBUG68
from landmarks.types import Image
from train.pose_augmentation.face_model import FaceModel, read_face_model
from train.pose_augmentation.fit import FaceFit, fit_face
from train.pose_augmentation.relief import turn_picture
from train.preparation.prepare import prepare
from train.preparation.prepared import MARKER, PreparedData, PreparedInfo, open_prepared

MOST_TURN_DEG = 45.0  # a cheek seen from the front is stretched too far by more
LEAST_TURN_DEG = 5.0  # less would give the same face again
MOST_NOD_DEG = 15.0
FRONTAL_DEG = 5.0  # a yaw below this looks to neither side
# In eye distances. 300W's training faces: median 0.035, 99 % below 0.057, one of 2012 above 0.08.
# Labels that are moved by random 0.06 come to 0.08, by 0.1 to 0.12.
WORST_FIT = 0.08
_CHOICE = 2**32  # no copy has this number

Angles = tuple[float, float, float]  # yaw, pitch, roll in degrees; see ``landmarks.pose``


@dataclass(frozen=True)
class TurnedPicture:
    """A prepared crop with its head turned."""

    data: PreparedData
    face: int
    fit: FaceFit
    angles_deg: Angles

    @property
    def name(self) -> str:
        """The name of its original and the new yaw; ``kept_together`` keeps the two together."""
        return f"{self.data.info.names[self.face]}#yaw{self.angles_deg[0]:+.0f}"

    def read(self) -> Image:
        """Return the turned crop."""
        return turn_picture(
            np.asarray(self.data.crops[self.face]),
            self.fit.points_camera(),
            self.fit.model.quads,
            self.fit.turn_to(pose_rotation(self.angles_deg)),
            self.fit.centre_camera,
        )

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True)
class Turned:
    """What became of a folder.

    Attributes:
        info: of the folder that was written.
        ill_fitted: faces that the morphable face did not fit.
        beyond: faces that look as far aside as asked for, or cannot be turned that far.
    """

    info: PreparedInfo
    ill_fitted: int
    beyond: int


def turn_folder(
    folder: Path,
    face: Path,
    out: Path,
    *,
    percent: float = 100.0,
    copies: int = 1,
    yaw_range_deg: tuple[float, float] = (20.0, 60.0),
    seed: int = 1,
    workers: int | None = None,
    force: bool = False,
) -> Turned:
    """Turn the faces of a prepared folder with their landmarks.

    Args:
        folder: prepared faces with 300W's landmarks.
        face: folder of the morphable face; see ``train.pose_augmentation.face_model``.
        out: folder to write.
        percent: share of the faces that are turned; which ones depends on ``seed`` and their names.
        copies: of each of them, in as many poses.
        yaw_range_deg: smallest and largest yaw of a turned face, to either side.
        seed: of the poses; that of a face depends on it, the face's name and the copy alone.
        workers: threads; one for each core when None.
        force: replace a complete folder.

    Raises:
        DatasetError: the folder or the morphable face cannot be used, or no face is left.
        OutputExistsError: ``out`` is complete already and ``force`` is not set.
        UsageError: the yaws are no range within 0 to 90 degrees, or ``out`` is ``folder``.
    """
    low, high = yaw_range_deg
    if not 0 <= low < high <= 90:
        raise UsageError(
            f"yaw from {low:g} to {high:g}: expected a smaller and a larger number, 0 to 90"
        )
    refuse_overwrite(out / MARKER, force=force)
    if folder.resolve() == out.resolve():
        raise UsageError(f"{out}: the turned faces need a folder of their own")
    data = open_prepared(folder)
    if data.info.scheme != IBUG68.name:
        raise DatasetError(f"{folder}: landmarks of {data.info.scheme}, expected {IBUG68.name}")
    chosen = [i for i in range(data.info.n) if _is_chosen(seed, data.info.names[i], percent)]
    fits = _fits(data, chosen, read_face_model(face), workers or os.cpu_count() or 1)
    fitted = {i: fit for i, fit in zip(chosen, fits, strict=True) if fit is not None}
    turned, beyond = [], 0
    for i, fit in fitted.items():
        for copy in range(copies):
            rng = _generator(seed, data.info.names[i], copy)
            angles = choose_angles(fit.angles_deg, yaw_range_deg, rng)
            if angles is None:
                beyond += 1
                break
            picture = TurnedPicture(data, i, fit, angles)
            turned.append(LabelledFace(picture, fit.landmarks_turned(pose_rotation(angles))))
    if not turned:
        raise DatasetError(f"{folder}: no face is left of {len(chosen)}")
    info = prepare(
        turned,
        out,
        dataset=data.info.dataset,
        subset=f"{data.info.subset}, turned to a yaw of {low:g} to {high:g} degrees",
        scheme=data.info.scheme,
        terms=data.info.terms,
        size=data.info.size,
        workers=workers,
        force=force,
    )
    return Turned(info, len(chosen) - len(fitted), beyond)


def choose_angles(
    angles_deg: Angles, yaw_range_deg: tuple[float, float], rng: np.random.Generator
) -> Angles | None:
    """Return a new pose, turned on to the side that the face looks to; None where there is none."""
    yaw, pitch, roll = angles_deg
    either = float(rng.choice((-1, 1)))
    side = either if abs(yaw) < FRONTAL_DEG else float(np.sign(yaw))
    low = max(yaw_range_deg[0], side * yaw + LEAST_TURN_DEG)
    high = min(yaw_range_deg[1], side * yaw + MOST_TURN_DEG)
    if low > high:
        return None
    return side * rng.uniform(low, high), pitch + rng.uniform(-MOST_NOD_DEG, MOST_NOD_DEG), roll


def _fits(
    data: PreparedData, faces: Sequence[int], model: FaceModel, workers: int
) -> Iterator[FaceFit | None]:
    """Yield the fits of faces in their order; None where one is bad."""

    def fit(face: int) -> FaceFit | None:
        try:
            found = fit_face(model, data.points_crop[face])
        except ValueError:  # points that coincide or are not finite
            return None
        return found if found.error <= WORST_FIT else None

    with ThreadPoolExecutor(workers, thread_name_prefix="fit") as pool:
        yield from tqdm(
            pool.map(fit, faces), desc="fit", unit="face", total=len(faces), disable=None
        )


def _is_chosen(seed: int, name: str, percent: float) -> bool:
    return float(_generator(seed, name, _CHOICE).uniform(0, 100)) < percent


def _generator(seed: int, name: str, copy: int) -> np.random.Generator:
    digest = hashlib.sha256(name.encode()).digest()
    return np.random.default_rng((seed, copy, int.from_bytes(digest[:8], "big")))
