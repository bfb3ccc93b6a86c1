"""Calibration data: the crops that activation ranges are read from, and their sanity.

Ranges of nonsense give a network of nonsense, so a calibration set that cannot be faces is refused;
random data are never made up in its place.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from landmarks.boxes import face_box
from landmarks.card import ModelCard
from landmarks.crop import crop_transform
from landmarks.errors import QuantizationError
from landmarks.faces import LabelledFace
from landmarks.provenance import sha256

DEFAULT_FACES = 128
MIN_FACES = 16
MIN_CONTRAST = 4.0  # grey levels, standard deviation within a crop


@dataclass(frozen=True)
class CalibrationSet:
    """Calibration crops.

    Attributes:
        crops: uint8 (n, size, size, 3), as the network sees them.
        sha256: digest of the crops.
    """

    crops: npt.NDArray[np.uint8]
    sha256: str


def calibration_set(faces: Sequence[LabelledFace], card: ModelCard) -> CalibrationSet:
    """Cut faces as the network of ``card`` sees them.

    Raises:
        QuantizationError: too few faces, or pictures without content.
    """
    if len(faces) < MIN_FACES:
        raise QuantizationError(
            f"{len(faces)} calibration faces, at least {MIN_FACES} are needed (128 are good): "
            "activation ranges of so few are accidents"
        )
    crops = np.stack(
        [
            crop_transform(
                face_box(face.points_frame), size=card.input_size, scale=card.crop_scale
            ).cut(face.picture.read())
            for face in faces
        ]
    )
    contrast = crops.std(axis=(1, 2, 3))
    if np.median(contrast) < MIN_CONTRAST:
        raise QuantizationError(
            f"the calibration pictures are blank: median contrast {np.median(contrast):.1f}, "
            f"brightness {crops.min()} to {crops.max()}; expected photographs of faces"
        )
    return CalibrationSet(crops, sha256(crops.tobytes()))
