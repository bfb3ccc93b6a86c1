"""Frames to train a finder on: drawn faces in a folder with its JSON."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from landmarks.faces import read_labelled_faces
from landmarks.pictures import read_picture, write_picture


@pytest.fixture(scope="session")
def frames_folder(tmp_path_factory, draw_faces) -> Path:
    """Eight frames: two faces each, the left one labelled, the right one seen by a detector.

    The first frame has both faces labelled and is there twice, once for each.
    """
    root = tmp_path_factory.mktemp("frames")
    folder, entries = root / "frames", {}
    folder.mkdir()
    faces = read_labelled_faces(draw_faces(root / "drawn", 16))
    for i in range(8):
        left, right = faces[2 * i : 2 * i + 2]
        pictures = [read_picture(face.picture.path) for face in (left, right)]
        width = pictures[0].shape[1]
        lefts, rights = left.points_frame, right.points_frame + np.float32([width, 0])
        name = f"frame_{i}.png"
        write_picture(folder / name, np.hstack(pictures))
        entry = {
            "size": [130, 2 * width],
            "boxes": [yunet_box(lefts, 0.95), yunet_box(rights, 0.9)],
        }
        entries[name] = entry | {"points68": lefts.round(2).tolist()}
        if i == 0:
            (folder / "frame_0_2.png").write_bytes((folder / name).read_bytes())
            entries["frame_0_2.png"] = entry | {"points68": rights.round(2).tolist()}
    (root / "frames.json").write_text(json.dumps(entries))
    return folder


def yunet_box(points: np.ndarray, score: float) -> list[float]:
    """A box as YuNet would draw it round landmarks: higher than wide, from the forehead down."""
    low, high = points.min(axis=0), points.max(axis=0)
    side = float((high - low).max()) / 0.907
    x, y = (low + high) / 2 - np.array([0, 0.144 * side])
    return [float(v) for v in (x - side / 2, y - side / 2, x + side / 2, y + side / 2, score)]
