"""What the tests of ``train`` share."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from landmarks.faces import LabelledFace, read_labelled_faces
from landmarks.pictures import read_picture, write_picture
from landmarks.pts import write_pts

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # before TensorFlow is imported


@pytest.fixture(scope="session")
def draw_faces(face68: np.ndarray) -> Callable[[Path, int], Path]:
    """Write drawn faces, each a picture with its ``.pts`` file, into a folder."""

    def draw(folder: Path, count: int) -> Path:
        folder.mkdir(parents=True, exist_ok=True)
        rng = np.random.default_rng(count)
        for i in range(count):
            side = rng.uniform(50, 80)
            points = face68 * side + rng.uniform(10, 40, 2) + rng.normal(0, 1, (68, 2))
            image = np.full((130, 140, 3), rng.integers(40, 200, 3), np.uint8)
            for x, y in np.rint(points).astype(int).tolist():
                cv2.circle(image, (x, y), 2, rng.integers(0, 256, 3).tolist(), -1)
            write_picture(folder / f"face_{i:03}.png", image, force=True)
            write_pts(folder / f"face_{i:03}.pts", points, force=True)
        return folder

    return draw


@pytest.fixture(scope="session")
def drawn_prepared(tmp_path_factory, draw_faces) -> Path:
    """A prepared folder of 16 drawn faces."""
    from train.preparation.prepare import prepare

    folder = tmp_path_factory.mktemp("drawn")
    faces = read_labelled_faces(draw_faces(folder / "faces", 16))
    prepare(faces, folder / "prepared", dataset="drawn", subset="all", scheme="300w-68")
    return folder / "prepared"


@pytest.fixture(scope="session")
def tiny_network() -> Callable[..., Any]:
    """Builds a network with the outputs of a PIPNet that is traced in no time."""
    import keras
    from keras import layers

    from train.models.backbones import pixels
    from train.models.pip_head import pip_head

    def build(config: Any, n_points: int) -> keras.Model:
        image, x = pixels(config.size)
        for stage in range(2):
            x = layers.Conv2D(8, 4, strides=4, use_bias=False)(x)
            x = layers.ReLU()(layers.BatchNormalization(name=f"norm_{stage}")(x))
        return keras.Model(image, pip_head(x, n_points, config.pip.k), name="tiny")

    return build


@pytest.fixture(scope="module")
def tiny(tiny_network) -> Iterator[None]:
    """Every model that a run asks for is the tiny one."""
    from train.methods import catalogue

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(catalogue, "build_network", tiny_network)
        yield


@pytest.fixture
def folder_of(tmp_path) -> Callable[[Sequence[LabelledFace]], Path]:
    """Return a function that gives a plain folder with some faces that lie in files."""

    def link(faces: Sequence[LabelledFace]) -> Path:
        folder = tmp_path / "faces"
        folder.mkdir()
        for face in faces:
            for path in (face.picture.path, face.picture.path.with_suffix(".pts")):
                (folder / path.name).symlink_to(path)
        return folder

    return link


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
