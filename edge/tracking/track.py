"""A face from frame to frame: when it is still the same face, and when it is none any more.

A track looks where its face was a frame ago, so its id goes with a place and is never handed from
face to face by matching boxes. Three rules keep it on one person:

- A face farther than ``MAX_STEP`` of its side from where it was looked for, or more than
  ``MAX_GROWTH`` times as large or small, is lost.
- Two tracks on one face (``SAME_FACE_IOU``): nobody can say whose face it is, so both end and the
  face gets a new id. Only if one of them has not settled yet is it a duplicate, and dropped.
- A lost face that comes back gets a new id.

So after a crossing ids are kept or new, never swapped: to be swapped, two tracks would have to jump
farther than a step, or to lie on one face first.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Literal

import numpy as np

from edge.tracking.region import Region, ahead, region_of, settle
from edge.tracking.schedule import SETTLED_FRAMES
from edge.tracking.smooth import Smoothed
from landmarks.boxes import Box, intersection_over_union, tight_box
from landmarks.locate import LocatedFace
from landmarks.shape import MeanFace

# A track outlasts a face that is half covered for a moment: it holds from this share of the
# presence on that it began with, or of the network's threshold where that is less.
HOLD_SHARE = 0.6
HOLD_RESIDUAL = 1.25  # times the residual that it began with, or MAX_RESIDUAL where that is more
MAX_RESIDUAL = 0.4  # between the groups of experiments E5 and E13 in docs/experiments.md
MIN_SIDE_PX = 8.0
BLOWN_UP_SPAN = 2.0  # points outside the box enlarged so many times are no answer
MAX_STEP = 0.5
MAX_GROWTH = 2.0
SAME_FACE_IOU = 0.4

Verdict = Literal["face", "no face", "blown up"]


@dataclass(frozen=True)
class Seen:
    """What the network answered for a region, and what to make of it.

    Attributes:
        verdict: whether there is a face.
        face: the answer.
        residual: how unlike the mean face its shape is; 1 where the points are blown up.
        box: the canonical box of its points; that of the region asked for where they are blown up.
        place: where the face is; the region that was asked for where there is none.
    """

    verdict: Verdict
    face: LocatedFace
    residual: float
    box: Box
    place: Region


@dataclass(frozen=True)
class Track:
    """A face that is followed.

    Attributes:
        id: never given twice.
        face: its landmarks in the last frame.
        box: their canonical box.
        place: where it is.
        region: where to look in the next frame.
        score: the finder's, of the detection that it began with.
        least_presence, most_residual: what it takes to go on.
        doubted: whether the landmark network alone would not have begun it: it goes on only while
            the finder sees its face, too.
        frames: how many frames it has lasted.
        smoothed: what the smoothing remembers; None where nothing is smoothed.
    """

    id: int
    face: LocatedFace
    box: Box
    place: Region
    region: Region
    score: float
    least_presence: float
    most_residual: float
    doubted: bool = False
    frames: int = 1
    smoothed: Smoothed | None = None

    @classmethod
    def begin(cls, id: int, seen: Seen, score: float, min_presence: float) -> Track:
        """Begin to follow a face that was found with a score, and then seen.

        Args:
            id: new.
            seen: its face.
            score: the finder's.
            min_presence: the network's presence threshold.
        """
        presence = seen.face.presence
        return cls(
            id,
            seen.face,
            seen.box,
            seen.place,
            seen.place,
            score,
            least_presence=HOLD_SHARE * min(presence, min_presence),
            most_residual=max(HOLD_RESIDUAL * seen.residual, MAX_RESIDUAL),
            doubted=presence < min_presence or seen.residual > MAX_RESIDUAL,
        )

    @property
    def settled(self) -> bool:
        """Whether it lasted long enough to be no accident."""
        return self.frames >= SETTLED_FRAMES


def judge(
    face: LocatedFace,
    asked: Region,
    mean_face: MeanFace,
    *,
    least_presence: float,
    max_residual: float,
) -> Seen:
    """Say whether an answer is a face, and where.

    Args:
        face: the network's answer.
        asked: the region that it was asked for.
        mean_face: of the network's card.
        least_presence: least presence of a face.
        max_residual: how unlike the mean face it may be.
    """
    points = face.points_frame
    tight = tight_box(points) if np.isfinite(points).all() else None
    if tight is None or not asked.spans(tight, BLOWN_UP_SPAN):
        return Seen("blown up", face, 1.0, asked.box, asked)
    box = tight.square
    likeness = mean_face.compare(points)
    residual = likeness.residual
    if face.presence < least_presence or residual > max_residual:
        return Seen("no face", face, residual, box, asked)
    place = region_of(points, likeness.roll_deg)
    if place.box.width < MIN_SIDE_PX:
        return Seen("no face", face, residual, box, asked)
    return Seen("face", face, residual, box, place)


def advance(track: Track, seen: Seen) -> Track | None:
    """Return the track with its face of this frame, not smoothed yet; None if it is lost."""
    if seen.verdict != "face" or not _is_a_step(track.region, seen.place):
        return None
    return replace(
        track,
        face=seen.face,
        box=seen.box,
        place=seen.place,
        region=settle(track.region, ahead(track.place, seen.place)),
        frames=track.frames + 1,
    )


def _is_a_step(before: Region, now: Region) -> bool:
    """Say whether a face can have gone from one region to the other between two frames."""
    (x, y), (x_now, y_now) = before.box.centre, now.box.centre
    side = before.box.width
    growth = now.box.width / side
    near = max(abs(x_now - x), abs(y_now - y)) <= MAX_STEP * side
    return near and 1 / MAX_GROWTH <= growth <= MAX_GROWTH


def part(tracks: Sequence[Track], ids: Iterator[int]) -> tuple[Track, ...]:
    """End tracks that lie on one face, by the second rule above; ``ids`` gives new ids."""
    kept = {track.id: track for track in tracks}
    for a, b in combinations(tracks, 2):
        if a.id not in kept or b.id not in kept or not same_face(a.box, b.box):
            continue
        older, younger = (a, b) if a.frames >= b.frames else (b, a)
        del kept[younger.id]
        if younger.settled:
            kept[older.id] = replace(older, id=next(ids), frames=1, smoothed=None)
    return tuple(kept.values())


def same_face(a: Box, b: Box) -> bool:
    """Say whether two canonical boxes lie on one face."""
    return intersection_over_union(a, b) > SAME_FACE_IOU
