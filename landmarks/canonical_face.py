"""The canonical 3-D face: where the 68 points of 300W lie on an average head.

Source: ICT-FaceKit (Li et al. 2020, University of Southern California, Institute for Creative
Technologies; MIT licence): the vertices of its neutral face at its table of 68 landmarks. They were
moved to the origin below, made mirror-symmetric (the two halves differ by less than 0.0001) and
divided by the distance of the outer eye corners. The jaw points are fixed vertices; in a picture
the far side of the jaw is the visible contour, which is another place of the head.

Axes are those of a camera, right-handed: x to the right of the picture, y down, z away from the
viewer. The origin is the middle between the outer eye corners.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from landmarks.types import Floats

# x, y, z in units of the distance of the outer eye corners, in the order of scheme 300w-68
_POINTS = (
    # jaw
    (-0.8256, -0.0274, 0.5546),
    (-0.8159, 0.2177, 0.5245),
    (-0.7779, 0.4366, 0.4564),
    (-0.7352, 0.6491, 0.3845),
    (-0.6419, 0.8880, 0.2776),
    (-0.4824, 1.0809, 0.1408),
    (-0.3421, 1.1600, -0.0188),
    (-0.1723, 1.1987, -0.1870),
    (0.0000, 1.2334, -0.2051),
    (0.1723, 1.1987, -0.1870),
    (0.3421, 1.1600, -0.0188),
    (0.4824, 1.0809, 0.1408),
    (0.6419, 0.8880, 0.2776),
    (0.7352, 0.6491, 0.3845),
    (0.7779, 0.4366, 0.4564),
    (0.8159, 0.2177, 0.5245),
    (0.8256, -0.0274, 0.5546),
    # brows
    (-0.6521, -0.1981, 0.0777),
    (-0.5531, -0.2853, -0.0433),
    (-0.4253, -0.3165, -0.1373),
    (-0.2708, -0.3094, -0.2107),
    (-0.1314, -0.2777, -0.2383),
    (0.1314, -0.2777, -0.2383),
    (0.2708, -0.3094, -0.2107),
    (0.4253, -0.3165, -0.1373),
    (0.5531, -0.2853, -0.0433),
    (0.6521, -0.1981, 0.0777),
    # nose
    (0.0000, -0.0346, -0.2390),
    (0.0000, 0.0895, -0.3269),
    (0.0000, 0.2041, -0.4152),
    (0.0000, 0.3393, -0.5008),
    (-0.1405, 0.5132, -0.2543),
    (-0.0676, 0.5124, -0.3158),
    (0.0000, 0.5198, -0.3322),
    (0.0676, 0.5124, -0.3158),
    (0.1405, 0.5132, -0.2543),
    # eyes
    (-0.5000, 0.0000, 0.0000),
    (-0.4339, -0.0496, -0.0852),
    (-0.3119, -0.0565, -0.1041),
    (-0.2068, 0.0202, -0.0665),
    (-0.3060, 0.0390, -0.0909),
    (-0.4324, 0.0404, -0.0702),
    (0.2068, 0.0202, -0.0665),
    (0.3119, -0.0565, -0.1041),
    (0.4339, -0.0496, -0.0852),
    (0.5000, 0.0000, 0.0000),
    (0.4324, 0.0404, -0.0702),
    (0.3060, 0.0390, -0.0909),
    # mouth
    (-0.2842, 0.7795, -0.1777),
    (-0.1909, 0.6962, -0.2936),
    (-0.0817, 0.6565, -0.3506),
    (0.0000, 0.6632, -0.3628),
    (0.0817, 0.6565, -0.3506),
    (0.1909, 0.6962, -0.2936),
    (0.2842, 0.7795, -0.1777),
    (0.2019, 0.8397, -0.2574),
    (0.1160, 0.8673, -0.3124),
    (0.0000, 0.8757, -0.3304),
    (-0.1160, 0.8673, -0.3124),
    (-0.2019, 0.8397, -0.2574),
    (-0.2477, 0.7762, -0.1710),
    (-0.1117, 0.7545, -0.2785),
    (0.0000, 0.7575, -0.3003),
    (0.1117, 0.7545, -0.2785),
    (0.2477, 0.7762, -0.1710),
    (0.1199, 0.7638, -0.2733),
    (0.0000, 0.7661, -0.2971),
    (-0.1199, 0.7638, -0.2733),
)


@cache
def canonical_face() -> Floats:
    """Return the canonical face, float64 (68, 3), read-only."""
    points = np.array(_POINTS, np.float64)
    points.setflags(write=False)  # one array for every caller
    return points
