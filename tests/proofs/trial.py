"""One virtual clip, processed in several ways, and the figures of each.

In the coordinates of the still a perfect tracker does not move at all: what moves there is jitter,
and the distance to the labels is error.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from edge.camera.virtual import Motion, VirtualCamera
from edge.finder import FaceFinder
from edge.pipeline import Pipeline
from edge.stream import Face, StageTimes
from edge.tracking.smooth import OneEuro
from edge.tracking.track import same_face
from landmarks.boxes import Box, face_box
from landmarks.cross_scheme import to_68
from landmarks.faces import LabelledFace
from landmarks.locate import Localizer
from landmarks.metrics import jitter, lag_s, nme, normaliser_length
from landmarks.schemes import Scheme, get_scheme
from landmarks.types import Floats

FOUND, TRACKED, SMOOTHED = WAYS = ("found in each frame", "tracked", "tracked and smoothed")
FACE_SHARE = 0.35  # of the frame's height: somebody at arm's length before a webcam
FIRST_MEASURED = 10  # frame; before it, boxes and filters are still on their way
LEAST_SEEN = 10  # frames with the face that figures need


@dataclass(frozen=True)
class Trace:
    """What one way said of one clip.

    Attributes:
        points_frame: of each frame, float (n, 2); None where the face was not seen.
        times: of each frame.
    """

    points_frame: list[Floats | None]
    times: list[StageTimes]


@dataclass(frozen=True)
class TraceFigures:
    """Fractions of the inter-ocular distance, and seconds.

    Attributes:
        nme: error against the labels.
        jitter: movement beside the exact motion.
        lag_s: delay behind the motion; None where nothing moves.
    """

    nme: float
    jitter: float
    lag_s: float | None


def camera_over(face: LabelledFace, motion: Motion, *, n_frames: int, seed: int) -> VirtualCamera:
    """Return a camera that shows a labelled face at the size of ``FACE_SHARE``."""
    box = face_box(face.points_frame)
    return VirtualCamera(
        face.picture.read(),
        box.centre,
        FACE_SHARE * VirtualCamera.height / box.width,
        motion,
        n_frames=n_frames,
        seed=seed,
    )


def play(
    camera: VirtualCamera,
    points_still: Floats,
    localizer: Localizer,
    finder: FaceFinder,
    smoothing: OneEuro,
) -> dict[str, Trace]:
    """Look at each frame of a clip in all ``WAYS``, one after the other."""
    scheme = get_scheme(localizer.network.card.scheme)
    single = Pipeline(finder, localizer, follow=False, pose=True)
    tracking = Pipeline(finder, localizer, smoothing=smoothing, pose=True)
    traces = {way: Trace([], []) for way in WAYS}
    for index in range(camera.n_frames):
        frame, time_s = camera.image(index), index / camera.fps
        true_box = face_box(camera.to_frame(points_still, index))
        found, single_times = single.process(frame)
        followed, times = tracking.process(frame, time_s)
        alone, face = _on(found, true_box), _on(followed, true_box)
        for way, points, took in (
            (FOUND, None if alone is None else alone.points_frame, single_times),
            (TRACKED, None if face is None else face.points_frame, times),
            (SMOOTHED, None if face is None else face.points_smooth, times),
        ):
            if points is not None and len(points) != len(points_still):
                points = to_68(points, scheme)
            traces[way].points_frame.append(points)
            traces[way].times.append(took)
    return traces


def _on(faces: tuple[Face, ...], true_box: Box) -> Face | None:
    return next((face for face in faces if same_face(face.box, true_box)), None)


def figures_of(
    traces: Mapping[str, Trace], camera: VirtualCamera, points_still: Floats, scheme: Scheme
) -> dict[str, TraceFigures]:
    """Return the figures of each way over the frames in which all of them saw the face.

    Returns:
        Nothing if there are fewer than ``LEAST_SEEN`` such frames.
    """
    shared = [
        index
        for index in range(FIRST_MEASURED, camera.n_frames)
        if all(trace.points_frame[index] is not None for trace in traces.values())
    ]
    if len(shared) < LEAST_SEEN:
        return {}
    length = normaliser_length(points_still, scheme, "inter-ocular")
    true = np.array([camera.to_frame(points_still, index) for index in shared])
    times_s = np.array(shared) / camera.fps
    figures = {}
    for way, trace in traces.items():
        given = np.array([trace.points_frame[index] for index in shared], np.float64)
        back = np.array(
            [camera.to_still(points, index) for points, index in zip(given, shared, strict=True)]
        )
        figures[way] = TraceFigures(
            float(np.mean([nme(points, points_still, scheme) for points in back])),
            jitter(back, length),
            lag_s(given, true, times_s),
        )
    return figures
