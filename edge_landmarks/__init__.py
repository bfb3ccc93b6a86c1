"""Face landmarks from Python: pictures in, faces with 68 points, pose and measures out.

Example:
    >>> from calib_data import FACES_DIR
    >>> from edge_landmarks import FaceLandmarker, read_picture
    >>> rgb = read_picture(FACES_DIR / "face_003.jpg")
    >>> faces = FaceLandmarker()(rgb)
    >>> len(faces), faces[0].points.shape
    (1, (68, 2))

``FaceLandmarker`` is for pictures that have nothing to do with each other, ``FaceLandmarker.video``
follows faces from frame to frame. Importing this package opens no model and changes no setting;
warnings go to the logger ``edge_landmarks``. ``docs/library.md`` has the guide.

Images are RGB uint8, shape (height, width, 3), or BGR where ``color="bgr"`` says so. Points are
float32, shape (n, 2), (x, y) in pixels of the picture, with pixel centres at integers. "Left" is
the left of the picture.

Errors: an argument of the wrong type raises TypeError, one of the wrong value ValueError, and what
is wrong with files, models or what is installed a ``LandmarkError``::

    LandmarkError
    ├── UsageError         an option that there is not, such as an unknown finder
    ├── MissingExtraError  what a model or finder runs on is not installed
    ├── ModelFileError     a model file is missing, damaged or of another kind
    └── PictureError       a picture file is missing, damaged or no picture
"""

from __future__ import annotations

from edge_landmarks.events import Episode, Episodes, UsualLevel
from edge_landmarks.face import FaceLandmarks, HeadAngles
from edge_landmarks.image import Color
from edge_landmarks.landmarker import FaceLandmarker, VideoLandmarker
from edge_landmarks.parts import PARTS
from landmarks import __version__
from landmarks.aligned_face import aligned_face
from landmarks.boxes import Box
from landmarks.errors import (
    LandmarkError,
    MissingExtraError,
    ModelFileError,
    PictureError,
    UsageError,
)
from landmarks.measures import FaceMeasures, frame_shares, measure_face
from landmarks.pictures import read_picture
from landmarks.schemes import Scheme, get_scheme

__all__ = [
    "PARTS",
    "Box",
    "Color",
    "Episode",
    "Episodes",
    "FaceLandmarker",
    "FaceLandmarks",
    "FaceMeasures",
    "HeadAngles",
    "LandmarkError",
    "MissingExtraError",
    "ModelFileError",
    "PictureError",
    "Scheme",
    "UsageError",
    "UsualLevel",
    "VideoLandmarker",
    "__version__",
    "aligned_face",
    "frame_shares",
    "get_scheme",
    "measure_face",
    "read_picture",
]
