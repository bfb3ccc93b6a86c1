"""What a network says of a face's mirror image, as an answer for the face itself.

A network that learned from labels which lie to one side answers as they lie, mirrored or not; see
``train.settings.augmentation.AugmentConfig.mirror_shift``.
"""

from __future__ import annotations

import numpy as np

from landmarks.boxes import face_box
from landmarks.schemes import Scheme
from landmarks.types import Floats


def mirrored_back(points: Floats, scheme: Scheme, *, width: float, mirror_shift: float) -> Floats:
    """Return the points of a mirror image where they lie in the face itself, float32 (n, 2).

    Args:
        points: (n, 2), seen in the mirrored picture.
        scheme: of the points; left and right change places.
        width: of the picture in pixels; 2 for unit coordinates, whose x becomes 1 - x.
        mirror_shift: that the network was trained with, a share of the side of the face's box.
    """
    back = scheme.mirrored(points, width)
    return back + np.array([mirror_shift * face_box(back).width, 0], np.float32)
