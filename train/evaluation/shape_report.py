"""What ASMNet's shape model makes of the faces of a data set: ``python -m train shape``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np

from landmarks.files import atomic_write
from landmarks.metrics import nme
from landmarks.pictures import write_picture
from landmarks.shape import CLAMP_SIGMAS, ShapeModel
from landmarks.types import Floats, Image
from train.methods.catalogue import shape_model
from train.methods.shapes import shapes_unit
from train.preparation.prepared import open_prepared
from train.preparation.validation_split import split_validation
from train.settings.fit import FitConfig

SHOWN_MODES = 3
TILE = 256  # side of a drawn face in pixels
SUBPIXEL_BITS = 4
SUBPIXEL = 1 << SUBPIXEL_BITS


def shape_report(config: FitConfig) -> tuple[ShapeModel, dict[str, Any]]:
    """Fit the shape model of a run and say how it sees faces that it was not made from.

    Args:
        config: of a run; data, crop, augmentation, ``asm.percent`` and seed count.

    Returns:
        The model, in unit coordinates of the crop, and its facts, ready for JSON.
        ``smoothing_nme_percent`` is the distance between the held-out faces and what the model
        makes of them: how far the ASM-assisted loss pulls.
    """
    data = open_prepared(config.data)
    scheme = data.info.landmark_scheme
    training, held_out = split_validation(data.info.names, config.validation_percent)
    model = shape_model(config, data, training)
    seen = shapes_unit(
        data,
        held_out if len(held_out) else training,
        size=config.size,
        crop_scale=config.crop_scale,
    )
    distances = [nme(model.project(points), points, scheme) for points in seen]
    return model, {
        "data": str(config.data),
        "faces": len(training),
        "copies": config.asm.copies,
        "percent": config.asm.percent,
        "components": len(model.variances),
        "of_components": 2 * scheme.n_points,
        "held_out_faces": len(held_out),
        "smoothing_nme_percent": round(100 * float(np.mean(distances)), 4),
    }


def write_shape_model(path: Path, model: ShapeModel, *, force: bool = False) -> None:
    """Write a model as ``.npz`` with ``mean``, ``components`` and ``variances``."""
    with atomic_write(path, force=force) as temporary:
        np.savez(temporary, mean=model.mean, components=model.components, variances=model.variances)


def write_modes(path: Path, model: ShapeModel, *, force: bool = False) -> None:
    """Draw the first modes, a row each, at -3, 0 and +3 standard deviations."""
    rows = [
        np.hstack([_drawn(points) for points in row]) for row in mode_shapes(model, SHOWN_MODES)
    ]
    write_picture(path, np.vstack(rows), force=force)


def mode_shapes(model: ShapeModel, count: int) -> Floats:
    """Return the first modes at -3, 0 and +3 deviations, float32 (count, 3, L, 2) or fewer."""
    count = min(count, len(model.variances))
    parameters = np.zeros((count, 3, len(model.variances)))
    for mode in range(count):
        limit = CLAMP_SIGMAS * np.sqrt(model.variances[mode])
        parameters[mode, :, mode] = -limit, 0, limit
    return model.shape(parameters)


def _drawn(points_unit: Floats) -> Image:
    tile = np.full((TILE, TILE, 3), 255, np.uint8)
    for x, y in np.rint(points_unit * TILE * SUBPIXEL).astype(int).tolist():
        cv2.circle(tile, (x, y), 3 * SUBPIXEL, (30, 60, 160), -1, cv2.LINE_AA, SUBPIXEL_BITS)
    return tile
