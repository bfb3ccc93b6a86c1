"""How dark the skin of a face is, so that a finder can be compared over skin tones.

The individual typology angle (Chardon et al. 1991) of the inner face: atan((L* - 50) / b*) in
CIE L*a*b*, in degrees; light skin has a large angle, dark skin a small or negative one.
"""

from __future__ import annotations

from math import atan2, degrees

import cv2
import numpy as np

from landmarks.boxes import Box
from landmarks.types import Image

INNER_SHARE = 0.5  # of the box: cheeks and nose, hardly any hair or background
LEAST_SIDE_PX = 24.0  # smaller faces have too few pixels to judge


def typology_angle_deg(picture: Image, box: Box) -> float | None:
    """Return the individual typology angle of a face; None for one that is too small or cut off.

    Args:
        picture: RGB uint8.
        box: canonical box of the face, pixels of the picture.
    """
    inner = Box.from_centre(box.centre, INNER_SHARE * box.width)
    x0, y0, x1, y1 = (round(edge) for edge in (inner.x0, inner.y0, inner.x1, inner.y1))
    height, width = picture.shape[:2]
    if box.width < LEAST_SIDE_PX or x0 < 0 or y0 < 0 or x1 >= width or y1 >= height:
        return None
    skin = picture[y0 : y1 + 1, x0 : x1 + 1].astype(np.float32) / 255
    lightness, _, yellow = np.median(cv2.cvtColor(skin, cv2.COLOR_RGB2Lab), axis=(0, 1)).tolist()
    return degrees(atan2(lightness - 50, yellow))
