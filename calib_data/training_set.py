"""Read the 300W training folders for fitting; the test folders are never touched.

`DIR/300w/{afw,helen/trainset,lfpw/trainset}` holds close crops with sharp faces. Where
`DIR/frames/train.json` is there too, it lists the same faces in whole frames, which show more of
hair, neck and shoulders; without it the close crops serve for both.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from landmarks.errors import DatasetError
from landmarks.faces import read_listed_faces
from landmarks.pts import read_pts

TRAINING_FOLDERS = ("afw", "helen/trainset", "lfpw/trainset")


@dataclass(frozen=True)
class TrainingFace:
    """Where one face's pictures are, and its points in each of them.

    Attributes:
        close: path of the sharp crop.
        points_close: float32 (68, 2), pixels of `close`.
        wide: path of the picture that shows most of the head; may be `close` itself.
        points_wide: float32 (68, 2), pixels of `wide`.
    """

    close: Path
    points_close: NDArray[np.float32]
    wide: Path
    points_wide: NDArray[np.float32]


def list_training_faces(data: Path) -> list[TrainingFace]:
    """List the training faces under a data folder, in a fixed order.

    Raises:
        DatasetError: no face was found, or a landmark file does not hold 68 points.
    """
    frames = _frame_points(data)
    faces = []
    for folder in TRAINING_FOLDERS:
        for path in sorted((data / "300w" / folder).glob("*.pts")):
            picture = path.with_suffix(".jpg")
            points = read_pts(path)
            if points.shape != (68, 2):
                raise DatasetError(f"{path}: {len(points)} points, expected 68")
            if not picture.is_file():
                raise DatasetError(f"{path}: no picture {picture.name} beside it")
            name = f"{folder.replace('/trainset', '_train')}-{picture.name}"
            if name in frames:
                wide = data / "frames" / "train" / name
                faces.append(TrainingFace(picture, points, wide, frames[name]))
            else:
                faces.append(TrainingFace(picture, points, picture, points))
    if not faces:
        raise DatasetError(
            f"{data}: no .pts files in 300w/{{{','.join(TRAINING_FOLDERS)}}} below this folder"
        )
    return faces


def _frame_points(data: Path) -> dict[str, NDArray[np.float32]]:
    listing = data / "frames" / "train.json"
    if not listing.is_file():
        return {}
    return {face.picture.name: face.points_frame for face in read_listed_faces(listing)}
