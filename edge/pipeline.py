"""One frame in, its faces out: find, crop, infer, decode, and follow from frame to frame.

The box of frame t comes from the landmarks of t - 1; the finder runs only when a face was lost, or
while fewer faces than asked for are followed, every ``FIND_EVERY`` frames.
"""

from __future__ import annotations

import numpy as np

from edge.finder import FaceFinder
from edge.result import Face, StageTimes
from edge.stage_clock import StageClock
from landmarks.boxes import Box, face_box, intersection_over_union
from landmarks.locate import Localizer, LocatedFace
from landmarks.types import Image

# Below it a box is no face: between the two groups of experiment E5 in docs/experiments.md.
MIN_PRESENCE = 0.5
MIN_SIDE_PX = 8.0
FIND_EVERY = 10
SAME_FACE_IOU = 0.4


class Pipeline:
    """The state between frames: which faces are followed."""

    def __init__(
        self, finder: FaceFinder, localizer: Localizer, *, faces: int = 1, follow: bool = True
    ) -> None:
        """Set up an empty pipeline.

        Args:
            finder: finds faces that are not followed yet.
            localizer: finds landmarks in a box.
            faces: how many faces to report at most.
            follow: take boxes from the frame before; False for unrelated pictures.
        """
        self._finder, self._localizer = finder, localizer
        self._limit, self._follow = faces, follow
        self._followed: tuple[Face, ...] = ()
        self._next_id = 0
        self._frames_since_find = FIND_EVERY

    def process(self, frame: Image) -> tuple[tuple[Face, ...], StageTimes]:
        """Return the faces of an RGB uint8 frame, followed ones first, and the time it took."""
        if not self._follow:
            self._followed, self._next_id, self._frames_since_find = (), 0, FIND_EVERY
        clock = StageClock()
        kept = [
            Face(face.id, face_box(now.points_frame), now.presence, now.points_frame)
            for face in self._followed
            if plausible(now := self._locate(frame, face.box, clock))
        ]
        lost = len(kept) < len(self._followed)
        self._frames_since_find += 1
        if len(kept) < self._limit and (lost or self._frames_since_find > FIND_EVERY):
            self._frames_since_find = 0
            clock.lap("decode")
            detections = self._finder.find(frame)
            clock.lap("find")
            for detection in detections:
                if len(kept) == self._limit:
                    break
                face = self._start(frame, detection.box, clock)
                if face is not None and not _overlaps(face, kept):
                    kept.append(face)
                    self._next_id += 1
            if not kept:
                self._frames_since_find = FIND_EVERY  # nothing to follow: look again at once
        self._followed = tuple(kept)
        clock.lap("decode")
        return self._followed, clock.times()

    def _locate(self, frame: Image, box: Box, clock: StageClock) -> LocatedFace:
        """``Localizer.locate``, timed."""
        clock.lap("decode")  # bookkeeping since the crop before
        transform = self._localizer.transform(box)
        crop = transform.cut(frame)
        clock.lap("crop")
        outputs = self._localizer.network.infer(crop)
        clock.lap("infer")
        face = self._localizer.read(outputs, transform)
        clock.lap("decode")
        return face

    def _start(self, frame: Image, box: Box, clock: StageClock) -> Face | None:
        """Locate a new face twice: a finder's box is rough, that of its landmarks is not."""
        first = self._locate(frame, box, clock)
        if not has_extent(first):
            return None
        face = self._locate(frame, face_box(first.points_frame), clock)
        if not plausible(face):
            return None
        return Face(self._next_id, face_box(face.points_frame), face.presence, face.points_frame)


def plausible(face: LocatedFace) -> bool:
    """Say whether a network's answer can be a face: sure enough, finite, of some extent."""
    return face.presence >= MIN_PRESENCE and has_extent(face)


def has_extent(face: LocatedFace) -> bool:
    """Say whether points are finite and cover more than a few pixels, so that they give a box."""
    if not np.isfinite(face.points_frame).all():
        return False
    return face_box(face.points_frame).width >= MIN_SIDE_PX


def _overlaps(face: Face, others: list[Face]) -> bool:
    return any(intersection_over_union(face.box, other.box) > SAME_FACE_IOU for other in others)
