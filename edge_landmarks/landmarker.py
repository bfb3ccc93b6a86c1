"""Landmarks of pictures and of videos: the two ways into the library.

Threads: a ``FaceLandmarker`` and the videos that came from it share one network, so one call waits
for the other; they may be called from any thread. For two cameras at the same time make two of
them, and give each its share of the cores with ``threads``. Opening one redirects the standard
error of the process for a moment, because the interpreter's C++ prints there: open them before
other threads write to it.
"""

from __future__ import annotations

import logging
import threading
from pathlib import Path

import numpy as np

from edge.finder.choose import DEFAULT_FINDER, open_finder
from edge.pipeline import Pipeline
from edge.runtime.load import load_localizer
from edge.stream import Face
from edge.tracking.smooth import OneEuro
from edge_landmarks.face import FaceLandmarks, HeadAngles
from edge_landmarks.image import Color, as_rgb, check_color
from landmarks.schemes import Scheme, get_scheme
from landmarks.types import Floats, Image

MANY_FACES = 16  # a group; each face takes the network's time twice

_log = logging.getLogger(__name__)


class FaceLandmarker:
    """Finds the faces of pictures that have nothing to do with each other.

    Example:
        >>> import numpy as np
        >>> landmarker = FaceLandmarker(threads=1)
        >>> landmarker(np.zeros((240, 320, 3), np.uint8))
        ()
    """

    def __init__(
        self,
        *,
        model: str | Path = "default",
        finder: str = DEFAULT_FINDER,
        faces: int = MANY_FACES,
        threads: int | None = None,
        color: Color = "rgb",
        pose: bool = True,
        measures: bool = True,
    ) -> None:
        """Open the networks, which takes some tenths of a second; keep it for all pictures.

        Args:
            model: file of a landmark network (``.tflite``, ``.onnx``), or the name of a shipped
                one: ``asmpip-80``, ``asmpip-144`` (the default) or ``asmpip-192``.
            finder: ``own``; ``own:FILE``, ``haar`` or ``yunet:FILE``.
            faces: how many faces of a picture to give at most; the largest are taken.
            threads: of the networks; one less than there are cores, at most 3, when None.
            color: the order of the colours of all pictures that will be given.
            pose: say how each head is turned.
            measures: measure each face (``edge_landmarks.FaceMeasures``).

        Raises:
            ValueError: ``faces`` or ``threads`` is below 1, or there is no such ``color``.
            UsageError: there is no such finder.
            ModelFileError: no such model, or a file that is damaged or of another kind.
            MissingExtraError: what the model or the finder runs on is not installed.
        """
        _at_least_one("faces", faces)
        if threads is not None:
            _at_least_one("threads", threads)
        check_color(color)
        self._finder = open_finder(finder, threads=threads)
        self._localizer = load_localizer(model, threads=threads)
        card = self._localizer.network.card
        self.scheme = get_scheme(card.scheme)
        self.model_name = card.name
        self._color, self._pose, self._measures = color, pose, measures
        self._one_caller = threading.Lock()
        self._stills = self._pipeline(faces, follow=False, smooth=False)
        _log.debug("%s opened: %s points, finder %s", card.name, self.scheme.n_points, finder)

    def __call__(self, picture: Image) -> tuple[FaceLandmarks, ...]:
        """Return the faces of a picture, the largest first; none is an empty tuple.

        Args:
            picture: uint8 (height, width, 3), colours as ``color`` says. It is not changed and
                not kept.

        Raises:
            TypeError: it is no NumPy array.
            ValueError: another shape or dtype.
        """
        return self._run(self._stills, picture, None)

    def video(self, *, faces: int = 1, smooth: bool = False) -> VideoLandmarker:
        """Return a follower for the frames of one video or camera.

        Args:
            faces: how many faces to follow at most. While fewer are there, the finder looks for
                more every 10 frames.
            smooth: give smoothed points beside the raw ones (One-Euro filter).

        Raises:
            ValueError: ``faces`` is below 1.
        """
        _at_least_one("faces", faces)
        pipeline = self._pipeline(faces, follow=True, smooth=smooth)
        if not pipeline.follows:
            _log.warning(
                "%s does not say whether it sees a face, so no face is followed: the finder looks "
                "in every frame, ids are ranks, and nothing is smoothed",
                self.model_name,
            )
        return VideoLandmarker(self, pipeline)

    def _pipeline(self, faces: int, *, follow: bool, smooth: bool) -> Pipeline:
        return Pipeline(
            self._finder,
            self._localizer,
            faces=faces,
            follow=follow,
            smoothing=OneEuro() if smooth else None,
            pose=self._pose,
            measure=self._measures,
        )

    def _run(
        self, pipeline: Pipeline, picture: Image, time_s: float | None
    ) -> tuple[FaceLandmarks, ...]:
        rgb = as_rgb(picture, self._color)
        with self._one_caller:
            faces, _ = pipeline.process(rgb, time_s)
        height, width = rgb.shape[:2]
        return tuple(_described(face, self.scheme, (width, height)) for face in faces)


class VideoLandmarker:
    """Follows the faces of one video; ``FaceLandmarker.video`` makes it.

    Example:
        >>> import numpy as np
        >>> follow = FaceLandmarker(threads=1).video(smooth=True)
        >>> frames = np.zeros((3, 240, 320, 3), np.uint8)
        >>> [len(follow(frame, time_s=i / 30)) for i, frame in enumerate(frames)]
        [0, 0, 0]
    """

    def __init__(self, landmarker: FaceLandmarker, pipeline: Pipeline) -> None:
        """Set up by ``FaceLandmarker.video``."""
        self._landmarker, self._pipeline = landmarker, pipeline
        self._last_s = -np.inf

    def __call__(self, picture: Image, time_s: float) -> tuple[FaceLandmarks, ...]:
        """Take in the next frame and return its faces, those followed longest first.

        Args:
            picture: uint8 (height, width, 3), as for ``FaceLandmarker``.
            time_s: when it was taken, in seconds by any clock that does not jump: the frame's
                number divided by the rate, or ``time.monotonic()`` for a camera.

        Raises:
            TypeError: the picture is no NumPy array.
            ValueError: another shape or dtype, or a time that is not after the frame before.
        """
        if not self._last_s < time_s < np.inf:
            raise ValueError(
                f"time_s={time_s} after {self._last_s}: frames of a video come in their order; "
                "for another video call FaceLandmarker.video() again"
            )
        faces = self._landmarker._run(self._pipeline, picture, time_s)
        self._last_s = time_s
        return faces


def _described(face: Face, scheme: Scheme, frame_size: tuple[int, int]) -> FaceLandmarks:
    """Turn a face of the pipeline into one of the library."""
    return FaceLandmarks(
        id=face.id,
        box=face.box,
        score=face.score,
        presence=face.presence,
        points_frame=face.points_frame,
        points_smooth=face.points_smooth,
        pose=None if face.pose_deg is None else _angles(face.pose_deg),
        measures=face.measures,
        scheme=scheme,
        frame_size=frame_size,
    )


def _angles(pose_deg: Floats) -> HeadAngles:
    return HeadAngles(*(float(angle) for angle in pose_deg))


def _at_least_one(name: str, number: int) -> None:
    if number < 1:
        raise ValueError(f"{name}={number}, expected 1 or more")
