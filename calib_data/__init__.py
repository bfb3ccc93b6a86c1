"""Synthetic faces for calibration, how they were made, and how to use your own.

The faces are samples of a statistical model (`calib_data.appearance`), not pictures of people, so
they can be shipped: for INT8 calibration, as test fixtures with exact points, and as a demo clip.

Example:
    >>> from calib_data import face_pictures
    >>> len(face_pictures()) >= 128
    True
"""

from __future__ import annotations

from pathlib import Path

_HERE = Path(__file__).resolve().parent

FACES_DIR = _HERE / "faces"
"""Folder of ``face_000.jpg`` with ``face_000.pts`` beside it, and so on."""

SAMPLER_PATH = _HERE / "sampler.npz"
"""The fitted appearance model."""

CLIP_PATH = _HERE / "clip.mp4"
"""A few seconds of one synthetic face."""

CLIP_TRUTH_PATH = _HERE / "clip.jsonl"
"""The exact points of every frame of the clip, one JSON object a line."""

DROWSY_CLIP_PATH = _HERE / "drowsy.mp4"
"""A small clip of a face that blinks, yawns and nods off as ``calib_data.clip.DROWSY`` says."""


def face_pictures(folder: Path = FACES_DIR) -> list[Path]:
    """List the calibration pictures of a folder, sorted by name."""
    return sorted(folder.glob("face_*.jpg"))
