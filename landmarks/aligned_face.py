"""A face cut out upright and in its place: eyes, nose and mouth where face recognition wants them.

The similarity that lays five points of a face over ArcFace's template (Deng et al., "ArcFace:
additive angular margin loss for deep face recognition", CVPR 2019; the template is InsightFace's,
for 112 x 112 pixels), which most published face embeddings were trained with.

Example:
    >>> import numpy as np
    >>> from landmarks.pose import project_face
    >>> from landmarks.schemes import IBUG68
    >>> points = project_face((0, 0, 30), eye_distance_px=80, centre_px=(160, 100))
    >>> face = aligned_face(np.zeros((240, 320, 3), np.uint8), points, IBUG68)
    >>> face.shape
    (112, 112, 3)
"""

from __future__ import annotations

import numpy as np

from landmarks.crop import CropTransform
from landmarks.cross_scheme import to_68
from landmarks.schemes import Scheme
from landmarks.shape import similarity
from landmarks.types import Floats, Image

TEMPLATE_SIZE = 112
_TEMPLATE = np.array(
    [
        (38.2946, 51.6963),  # left eye
        (73.5318, 51.5014),  # right eye
        (56.0252, 71.7366),  # tip of the nose
        (41.5493, 92.3655),  # left corner of the mouth
        (70.7299, 92.2041),  # right corner of the mouth
    ]
)
_LEFT_EYE, _RIGHT_EYE = slice(36, 42), slice(42, 48)
_NOSE_AND_MOUTH = [30, 48, 54]


def aligned_face(
    image: Image, points_frame: Floats, scheme: Scheme, size: int = TEMPLATE_SIZE
) -> Image:
    """Cut a face out of a frame, RGB uint8 (size, size, 3); outside the frame it is black.

    Args:
        image: RGB uint8.
        points_frame: float (n, 2), pixels of the frame.
        scheme: of the points; 300w-68, or one that ``landmarks.cross_scheme`` takes to it.
        size: side of the cut in pixels.

    Raises:
        ValueError: another scheme, points that coincide, or a size that is not positive.
    """
    return aligned_transform(points_frame, scheme, size).cut(image)


def aligned_transform(
    points_frame: Floats, scheme: Scheme, size: int = TEMPLATE_SIZE
) -> CropTransform:
    """Return the transform to the cut, for points both ways; see ``aligned_face``."""
    if size <= 0:
        raise ValueError(f"an aligned face needs a positive size, received {size}")
    template = (_TEMPLATE + 0.5) * (size / TEMPLATE_SIZE) - 0.5
    return CropTransform(similarity(five_points(points_frame, scheme), template), size)


def five_points(points: Floats, scheme: Scheme) -> Floats:
    """Return middle of the left and right eye, tip of the nose, left and right corner of the mouth.

    Args:
        points: float (n, 2).
        scheme: of the points, see ``aligned_face``.

    Returns:
        float64 (5, 2).
    """
    face = np.asarray(to_68(points, scheme), np.float64)
    eyes = [face[eye].mean(axis=0) for eye in (_LEFT_EYE, _RIGHT_EYE)]
    return np.vstack([*eyes, face[_NOSE_AND_MOUTH]])
