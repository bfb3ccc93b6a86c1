"""Calibration: the crops that a network is shown, and what its tensors hold meanwhile.

A face is shown as the picture has it and once more turned in the plane: upright faces alone leave
ranges that cut off what turned ones need (docs/experiments.md, E21). A finder sees whole frames.

Ranges of nonsense give a network of nonsense, so a calibration set that cannot be faces is refused;
random data are never made up in its place.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path

import keras
import numpy as np
import numpy.typing as npt
from tqdm import tqdm

from landmarks.boxes import Box, face_box
from landmarks.card import CentreHead, ModelCard
from landmarks.crop import crop_transform
from landmarks.errors import QuantizationError
from landmarks.faces import read_labelled_faces
from landmarks.find import whole_frame
from landmarks.labels import check_labels
from landmarks.provenance import sha256
from landmarks.spread import evenly_spread
from landmarks.types import Image
from quantize.config import DEFAULT_FACES
from quantize.networks.steps import Step
from quantize.ranges import Histogram
from train.datasets.frames import read_frames
from train.preparation.prepared import MARKER, open_prepared

MIN_FACES = 16
TURNS_DEG = (-40.0, -20.0, 20.0, 40.0)  # of the second look at each face, in turns
MIN_CONTRAST = 4.0  # grey levels, standard deviation within a crop
MIN_SHARPNESS = 0.5  # side of a face box divided by the side that it fills in the crop
BATCH = 16
BINS = 2048


@dataclass(frozen=True)
class CalibrationSet:
    """Calibration crops.

    Attributes:
        crops: uint8 (n, size, size, 3), as the network sees them: all as the pictures have them,
            then all turned; for a finder the frames alone.
        faces: how many faces they show, or frames.
        sha256: digest of the crops.
        folder: where they come from.
        warnings: what is doubtful about them, a line each.
    """

    crops: npt.NDArray[np.uint8]
    faces: int
    sha256: str
    folder: Path
    warnings: tuple[str, ...] = ()


def read_calibration(folder: Path, card: ModelCard, faces: int = DEFAULT_FACES) -> CalibrationSet:
    """Cut faces as the network of ``card`` sees them.

    Args:
        folder: pictures with ``.pts`` files, or what ``python -m train prepare`` wrote, labelled or
            not; for a finder, frames as ``train.datasets.frames`` reads them.
        card: of the network.
        faces: how many, spread evenly over the folder.

    Raises:
        DatasetError: there are no faces.
        QuantizationError: too few, or pictures without content.
    """
    read = _prepared_faces if (folder / MARKER).exists() else _labelled_faces
    if isinstance(card.head, CentreHead):
        read = _whole_frames
    pictures = list(read(folder, faces))
    if len(pictures) < MIN_FACES:
        raise QuantizationError(
            f"{folder}: {len(pictures)} calibration faces, at least {MIN_FACES} are needed "
            f"({DEFAULT_FACES} are good): activation ranges of so few are accidents"
        )
    size, scale = card.input_size, card.crop_scale
    crops = np.stack([crop_transform(box, size=size, scale=scale).cut(im) for im, box in pictures])
    contrast = crops.std(axis=(1, 2, 3))
    brightness = f"brightness {crops.min()} to {crops.max()}"
    if np.median(contrast) < MIN_CONTRAST:
        raise QuantizationError(
            f"{folder}: the calibration pictures are blank: median contrast "
            f"{np.median(contrast):.1f}, {brightness}; expected photographs of faces"
        )
    warnings = []
    if blank := int((contrast < MIN_CONTRAST).sum()):
        warnings.append(f"{folder}: {blank} of {len(crops)} calibration pictures are blank")
    side = float(np.median([box.width for _, box in pictures]))
    if side < MIN_SHARPNESS * size / scale:
        warnings.append(
            f"{folder}: half of the faces are smaller than {side:.0f} px, the network reads them "
            f"at {size / scale:.0f} px: ranges of blurred faces are too narrow"
        )
    if not isinstance(card.head, CentreHead):
        crops = np.concatenate([crops, _turned(pictures, size, scale)])
    return CalibrationSet(crops, len(pictures), sha256(crops.tobytes()), folder, tuple(warnings))


def observe(
    folded: keras.Model, steps: Iterable[Step], calibration: CalibrationSet
) -> dict[str, Histogram]:
    """Return what the output of each step holds over a calibration set, by its name."""
    names = {step.output for step in steps}
    outputs = {op.name: op.output for op in folded.operations if op.name in names}
    watched = keras.Model(folded.input, outputs)
    batches = np.array_split(calibration.crops, -(-len(calibration.crops) // BATCH))
    seen: Mapping[str, npt.NDArray[np.float32]]
    lows = dict.fromkeys(outputs, np.inf)
    highs = dict.fromkeys(outputs, -np.inf)
    counts = {name: np.zeros(BINS, np.int64) for name in outputs}
    with tqdm(total=2 * len(batches), desc="calibrating", unit="batch", disable=None) as bar:
        for batch in batches:
            seen = watched.predict_on_batch(batch)
            for name, values in seen.items():
                lows[name] = min(lows[name], float(values.min()))
                highs[name] = max(highs[name], float(values.max()))
            bar.update()
        for batch in batches:
            seen = watched.predict_on_batch(batch)
            for name, values in seen.items():
                # float64: a tensor that hardly varies has no 2048 bins in float32
                wide = values.astype(np.float64)
                counts[name] += np.histogram(wide, BINS, (lows[name], highs[name]))[0]
            bar.update()
    return {name: Histogram(counts[name], lows[name], highs[name]) for name in outputs}


def _labelled_faces(folder: Path, count: int) -> Iterator[tuple[Image, Box]]:
    faces = read_labelled_faces(folder)
    for i in evenly_spread(len(faces), count):
        picture = faces[i].picture.read()
        check_labels(faces[i], picture)
        yield picture, face_box(faces[i].points_frame)


def _prepared_faces(folder: Path, count: int) -> Iterator[tuple[Image, Box]]:
    data = open_prepared(folder, labelled=False)
    for i in evenly_spread(data.info.n, count):
        yield np.asarray(data.crops[i]), data.info.box_crop


def _turned(
    pictures: Sequence[tuple[Image, Box]], size: int, scale: float
) -> npt.NDArray[np.uint8]:
    """Cut each face turned by the next of ``TURNS_DEG``; uint8 (n, size, size, 3)."""
    return np.stack(
        [
            crop_transform(box, size=size, scale=scale, angle_deg=angle_deg).cut(picture)
            for (picture, box), angle_deg in zip(pictures, cycle(TURNS_DEG), strict=False)
        ]
    )


def _whole_frames(folder: Path, count: int) -> Iterator[tuple[Image, Box]]:
    frames = read_frames(folder)
    for i in evenly_spread(len(frames), count):
        picture = frames[i].picture.read()
        yield picture, whole_frame(picture)
