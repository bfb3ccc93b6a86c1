"""Any folder of pictures with a ``.pts`` file beside each, such as the synthetic faces.

``calib_data`` draws such a folder of synthetic faces, and 300W's folders have the same layout.
``.pts`` files count pixels from 1; ``landmarks.pts`` counts from 0.
"""

from __future__ import annotations

from pathlib import Path

from landmarks.errors import DatasetError
from landmarks.faces import LabelledFace, pts_files, read_labelled_face
from landmarks.schemes import Scheme
from train.datasets.bad_files import BadFiles


def read_labelled_folder(
    folder: Path | str, scheme: Scheme, bad: BadFiles | None = None, groups: tuple[str, ...] = ()
) -> list[LabelledFace]:
    """Read every ``.pts`` file of a folder with the picture of the same stem, sorted by name.

    Args:
        folder: the folder; its subfolders are not read.
        scheme: what every face must have the points of.
        bad: what to do with bad files; the first one raises when None.
        groups: given to every face.

    Raises:
        DatasetError: the folder is missing or holds no ``.pts`` file, a ``.pts`` file is malformed
            or of another scheme, or its picture is missing.
    """
    folder, bad = Path(folder), bad or BadFiles()
    faces = []
    for path in pts_files(folder):
        with bad.tolerated():
            face = read_labelled_face(path, groups)
            if len(face.points_frame) != scheme.n_points:
                raise DatasetError(
                    f"{path}: {len(face.points_frame)} points, expected {scheme.n_points} "
                    f"({scheme.name})"
                )
            faces.append(face)
    return faces
