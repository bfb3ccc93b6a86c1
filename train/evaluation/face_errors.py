"""The error of every face as a table: to find the pictures that a model fails on."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path

from landmarks.files import atomic_write
from landmarks.score import FaceError, Score

ANGLES = ("yaw", "pitch", "roll")


def write_face_errors(path: Path, scores: Mapping[str, Score], *, force: bool = False) -> None:
    """Write one row for each model and face, the worst face of a model first, missed faces last.

    Columns: model, picture, groups (joined by ``|``), found (1 or 0), nme_percent, each region's
    NME in percent, and where the labels give a pose the signed error of each angle in degrees.

    Raises:
        OutputExistsError: ``path`` exists and ``force`` is False.
    """
    regions = list(next(iter(scores.values())).regions)
    header = ["model", "picture", "groups", "found", "nme_percent"]
    header += [f"{name}_nme_percent" for name in regions]
    header += [f"{name}_error_deg" for name in ANGLES]
    with (
        atomic_write(path, force=force) as temporary,
        temporary.open("w", encoding="utf-8", errors="surrogateescape", newline="") as file,
    ):
        table = csv.writer(file)
        table.writerow(header)
        for model, score in scores.items():
            for entry in sorted(score.found, key=lambda entry: -entry.error):
                face = entry.face
                table.writerow(
                    [model, face.picture, "|".join(face.groups), 1]
                    + [f"{100 * value:.4f}" for value in (entry.error, *entry.regions.values())]
                    + _pose_errors(entry)
                )
            for face in score.missed_faces:
                empty = [""] * (1 + len(regions) + len(ANGLES))
                table.writerow([model, face.picture, "|".join(face.groups), 0, *empty])


def _pose_errors(entry: FaceError) -> list[str]:
    if entry.pose_deg is None or entry.pose_true_deg is None:
        return [""] * len(ANGLES)
    turn = (entry.pose_deg - entry.pose_true_deg + 180) % 360 - 180
    return [f"{angle:.3f}" for angle in turn]
