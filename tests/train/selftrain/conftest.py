"""Prepared folders of drawn faces, with and without labels."""

from __future__ import annotations

from pathlib import Path

import pytest

from landmarks.boxes import face_box
from landmarks.faces import read_labelled_faces
from train.datasets.unlabelled import UnlabelledFace
from train.preparation.prepare import prepare


@pytest.fixture(scope="session")
def pool_folders(tmp_path_factory, draw_faces) -> tuple[Path, Path]:
    """Twelve labelled faces and eight without labels."""
    folder = tmp_path_factory.mktemp("pool")
    known = read_labelled_faces(draw_faces(folder / "known", 12))
    prepare(known, folder / "labelled", dataset="drawn", subset="all", scheme="300w-68")
    others = [
        UnlabelledFace(face.picture, face_box(face.points_frame))
        for face in read_labelled_faces(draw_faces(folder / "others", 8))
    ]
    prepare(others, folder / "unlabelled", dataset="drawn", subset="all", scheme=None)
    return folder / "labelled", folder / "unlabelled"
