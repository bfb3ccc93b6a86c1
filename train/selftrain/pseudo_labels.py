"""Pseudo-labels: what a network sees in unlabelled faces, and how far to believe it.

PIPNet takes every prediction at its word. Here a face is also shown mirrored, and the disagreement
of both answers says how sure the network is: a face counts as exp(-(d / median d)^2).
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np

from landmarks.boxes import face_box
from landmarks.card import PipHead, RegressionHead
from landmarks.crop import crop_transform
from landmarks.decode import OutputTensor
from landmarks.files import write_whole
from landmarks.locate import decoder_of
from landmarks.schemes import Scheme
from landmarks.types import Floats
from train.selftrain.mirror_image import mirrored_back
from train.selftrain.pool import FacePool

BATCH = 64


@dataclass(frozen=True)
class PseudoLabels:
    """Labels of the unlabelled faces of a pool.

    Attributes:
        points_crop: float32 (U, L, 2), pixels of the prepared crops.
        disagreement: float32 (U,), mean distance to the answer for the mirror image, a share of
            the side of the face's box.
    """

    points_crop: Floats
    disagreement: Floats

    def weights(self) -> Floats:
        """Return how much each face counts, float32 (U,), 0 to 1."""
        typical = max(float(np.median(self.disagreement)), 1e-6)
        return np.asarray(np.exp(-((self.disagreement / typical) ** 2)), np.float32)


def label_faces(
    network: keras.Model,
    head: PipHead | RegressionHead,
    pool: FacePool,
    scheme: Scheme,
    *,
    crop_scale: float,
    mirror_shift: float = 0.0,
) -> PseudoLabels:
    """Label the unlabelled faces of a pool.

    Args:
        network: gives the outputs that the head reads, by name.
        head: how landmarks are read from them.
        pool: the faces.
        scheme: of the landmarks, for the mirror.
        crop_scale: side of the network's crop divided by the side of the canonical face box.
        mirror_shift: that the network was trained with, see ``mirrored_back``.
    """
    size, decode = int(network.input.shape[1]), decoder_of(head)
    transform = crop_transform(pool.labelled.info.box_crop, size=size, scale=crop_scale)
    points, disagreement = [], []
    faces = pool.unlabelled_faces
    for start in range(0, len(faces), BATCH):
        inputs = np.stack([transform.cut(pool.crop(int(f))) for f in faces[start : start + BATCH]])
        answers = []
        for images in (inputs, inputs[:, :, ::-1]):
            outputs = network.predict_on_batch(np.ascontiguousarray(images))
            outputs = {n: keras.ops.convert_to_numpy(outputs[n]) for n in outputs}
            answers.append(
                [
                    decode({name: OutputTensor(v[i]) for name, v in outputs.items()}).points_unit
                    for i in range(len(images))
                ]
            )
        for seen, mirrored in zip(*answers, strict=True):
            back = mirrored_back(mirrored, scheme, width=2, mirror_shift=mirror_shift)
            distance = np.linalg.norm(seen - back, axis=-1).mean()
            disagreement.append(distance / max(face_box(seen).width, 1e-6))
            points.append(transform.from_unit(seen))
    return PseudoLabels(np.stack(points), np.asarray(disagreement, np.float32))


def save_labels(path: Path, labels: PseudoLabels) -> None:
    """Write labels as ``.npz``.

    Raises:
        OSError: they cannot be written; those before them stay.
    """
    buffer = io.BytesIO()
    np.savez(buffer, points_crop=labels.points_crop, disagreement=labels.disagreement)
    write_whole(path, buffer.getbuffer())


def load_labels(path: Path) -> PseudoLabels:
    """Read labels that ``save_labels`` wrote."""
    with path.open("rb") as file, np.load(file) as arrays:
        return PseudoLabels(arrays["points_crop"], arrays["disagreement"])
