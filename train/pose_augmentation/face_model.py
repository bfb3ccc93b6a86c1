"""A morphable face: a mesh whose shape is a mean plus a few weighted offsets.

A folder holds it in two files, as cut from ICT-FaceKit::

    ict_face9409_f16.npz   neutral (v, 3), faces (q, 4), identity (i, v, 3), expression (e, v, 3)
    landmarks68_idx.npy    (68,), the vertex of each landmark of 300W

Axes of the files: x right, y up, z to the viewer, any unit. Axes here: x right, y down, z away, as
in ``landmarks.pose``; the unit is the distance of the outer eye corners.
"""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from landmarks.errors import DatasetError
from landmarks.schemes import IBUG68
from landmarks.types import Floats, Ints

MODEL_FILE = "ict_face9409_f16.npz"
LANDMARK_FILE = "landmarks68_idx.npy"

IDENTITY_SPREAD = 1.0  # standard deviation of a coefficient over people
EXPRESSION_SPREAD = 0.4  # a blend shape goes from 0 to 1

_JAW = range(17)
_NOSE_TIP = 30
_RAY = np.linspace(0.4, 1.0, 25)[
    :-1
]  # from nose tip to jaw, where the contour of a turned face may lie
# How far behind the jaw vertices, in eye distances, 300W labels the jaw that is turned to the
# viewer: measured on its faces with a yaw above 10 degrees, ear to chin.
_BEHIND = np.array([0.10, 0.14, 0.18, 0.22, 0.16, 0.16, 0.14, 0.10])
_LOWER = 0.1  # and how far below them
_BACK = np.linspace(0, 1, 9)[1:]
_NEAR = 12  # vertices about a place of the ray; the one at the surface is taken


@dataclass(frozen=True)
class FaceModel:
    """A morphable face.

    Attributes:
        neutral: float32 (v, 3).
        offsets: float32 (v, 3, k): identities, then expressions.
        spread: float32 (k,), standard deviation of the weight of each offset.
        quads: (q, 4), vertices.
        landmarks: (68,), vertices.
        cheek_rays: (17, c), for each jaw landmark the vertices from the cheek outwards to it.
        back_rays: (17, b), those from it back to the angle of the jaw.
    """

    neutral: Floats
    offsets: Floats
    spread: Floats
    quads: Ints
    landmarks: Ints
    cheek_rays: Ints
    back_rays: Ints

    def shape(self, weights: Floats, vertices: Ints | slice = slice(None)) -> Floats:
        """Return the vertices (n, 3) of the face with these weights (k,)."""
        return self.neutral[vertices] + self.offsets[vertices] @ weights.astype(np.float32)


def read_face_model(folder: Path) -> FaceModel:
    """Read a morphable face.

    Raises:
        DatasetError: a file is missing or does not hold what it should.
    """
    try:
        with open(folder / MODEL_FILE, "rb") as file, np.load(file) as arrays:
            neutral, quads = arrays["neutral"], arrays["faces"]
            identity, expression = arrays["identity"], arrays["expression"]
        landmarks = np.load(folder / LANDMARK_FILE)
    except FileNotFoundError as error:
        raise DatasetError(
            f"{folder}: no morphable face ({Path(error.filename).name} is missing), expected "
            f"{MODEL_FILE} and {LANDMARK_FILE}; docs/training.md says where they come from"
        ) from None
    except (OSError, KeyError, ValueError, EOFError, zipfile.BadZipFile) as error:
        raise DatasetError(f"{folder}: damaged morphable face ({error})") from None
    _check(folder, neutral, quads, identity, expression, landmarks)
    corners = landmarks[list(IBUG68.eye_corners)]
    right, left = np.asarray(neutral[corners], np.float64)
    to_unit = np.array([1, -1, -1]) / np.linalg.norm(left - right)
    neutral = ((neutral - (left + right) / 2) * to_unit).astype(np.float32)
    offsets = np.concatenate([identity, expression]) * to_unit.astype(np.float32)
    spread = np.repeat([IDENTITY_SPREAD, EXPRESSION_SPREAD], [len(identity), len(expression)])
    return FaceModel(
        neutral,
        np.ascontiguousarray(np.moveaxis(offsets, 0, -1)),  # what a vertex needs lies together
        spread.astype(np.float32),
        quads,
        landmarks,
        *_jaw_rays(neutral, landmarks),
    )


def _check(
    folder: Path, neutral: Floats, quads: Ints, identity: Floats, expression: Floats, places: Ints
) -> None:
    shapes = {
        "neutral": (neutral.shape, ("v", 3)),
        "faces": (quads.shape, ("q", 4)),
        "identity": (identity.shape, ("i", *neutral.shape)),
        "expression": (expression.shape, ("e", *neutral.shape)),
        LANDMARK_FILE: (places.shape, (IBUG68.n_points,)),
    }
    for name, (received, expected) in shapes.items():
        fits = len(received) == len(expected) and all(
            isinstance(b, str) or a == b for a, b in zip(received, expected, strict=True)
        )
        if not fits:
            wanted = str(expected).replace("'", "")
            raise DatasetError(f"{folder}: {name} of shape {received}, expected {wanted}")
    for name, indices in (("faces", quads), (LANDMARK_FILE, places)):
        if indices.dtype.kind not in "iu" or not (
            0 <= indices.min(initial=0) <= indices.max(initial=0) < len(neutral)
        ):
            raise DatasetError(f"{folder}: {name} must hold vertices 0 to {len(neutral) - 1}")


def _jaw_rays(neutral: Floats, landmarks: Ints) -> tuple[Ints, Ints]:
    nose, jaws = neutral[landmarks[_NOSE_TIP]], neutral[landmarks[_JAW]]
    behind = np.concatenate([_BEHIND, [0], _BEHIND[::-1]])
    cheek, back = [], []
    for jaw, vertex, far in zip(jaws, landmarks, behind, strict=False):
        across = nose[:2] + _RAY[:, None] * (jaw[:2] - nose[:2])
        backwards = jaw[1:] + np.outer(_BACK, [_LOWER, far])
        cheek.append([*_surface(neutral, (0, 1), across, neutral[:, 2]), vertex])
        side = _surface(neutral, (1, 2), backwards, -neutral[:, 0] * np.sign(jaw[0]))
        back.append([vertex, *(side if far else [vertex] * len(side))])
    return np.array(cheek), np.array(back)


def _surface(neutral: Floats, axes: tuple[int, int], places: Floats, depth: Floats) -> Ints:
    """Return the vertex that is seen at each place (n, 2) of two axes: the one of least depth."""
    apart = np.linalg.norm(neutral[:, axes] - places[:, None], axis=-1)  # (n, v)
    near = np.argpartition(apart, _NEAR, axis=1)[:, :_NEAR]
    return np.asarray(near[np.arange(len(near)), depth[near].argmin(axis=1)])
