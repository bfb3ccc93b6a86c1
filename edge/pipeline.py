"""One frame in, its faces out: find, crop, infer, decode, and follow from frame to frame.

The box of frame t comes from the landmarks of t - 1 (``edge.tracking.track``); the finder runs when
a face was lost and, while fewer faces than asked for are followed, on a schedule
(``edge.tracking.schedule``).
"""

from __future__ import annotations

from dataclasses import replace
from itertools import count

import numpy as np

from edge.finder import Detection, FaceFinder
from edge.finder.search import FilmSearch, Found, PictureSearch
from edge.stage_clock import StageClock
from edge.stream import Face, StageTimes
from edge.tracking.counts import TrackCounts
from edge.tracking.evidence import LEAST_EVIDENCE, is_face
from edge.tracking.region import Region
from edge.tracking.schedule import FindSchedule
from edge.tracking.smooth import OneEuro
from edge.tracking.track import (
    Seen,
    Track,
    advance,
    judge,
    part,
    same_face,
)
from landmarks.boxes import Box
from landmarks.cross_scheme import has_68
from landmarks.locate import Localizer, LocatedFace, landmark_head
from landmarks.measures import measure_face
from landmarks.pose import head_angles_deg
from landmarks.schemes import get_scheme
from landmarks.shape import MeanFace
from landmarks.types import Floats, Image

TRIES_PER_FREE_SLOT = 2  # detections that are looked at in one frame: bounds its time


class Pipeline:
    """The state between frames: which faces are followed.

    Attributes:
        follows: whether it takes boxes from the frame before.
        counts: what became of tracks so far.
    """

    def __init__(
        self,
        finder: FaceFinder,
        localizer: Localizer,
        *,
        faces: int = 1,
        follow: bool = True,
        min_evidence: float = LEAST_EVIDENCE,
        smoothing: OneEuro | None = None,
        pose: bool = False,
        measure: bool = False,
    ) -> None:
        """Set up an empty pipeline.

        Args:
            finder: finds faces that are not followed yet.
            localizer: finds landmarks in a box.
            faces: how many faces to report at most.
            follow: take boxes from the frame before; False for unrelated pictures. A network that
                does not say presence is never followed: nothing would notice that its track
                drifts off its face, or that the face is gone.
            min_evidence: that a box is a face, by finder and landmark network together; see
                ``edge.tracking.evidence``.
            smoothing: smooth the points of followed faces, beside the raw ones.
            pose: say yaw, pitch and roll of each face, by the network or, where it does not, by a
                fit to the points; None for landmarks that do not tell it.
            measure: measure each face (``landmarks.measures``); None for landmarks without the 68
                points.
        """
        self._localizer = localizer
        card = localizer.network.card
        head = landmark_head(card)
        self._limit, self.follows = faces, follow and head.says_presence
        self._search_for = (
            FilmSearch(finder, parts=self.follows) if follow else PictureSearch(finder)
        )
        self._tries = TRIES_PER_FREE_SLOT if follow else None
        self._smoothing, self._pose = smoothing, pose
        self._scheme = get_scheme(card.scheme)
        self._measure = measure and has_68(self._scheme)
        self._mean_face = MeanFace.of(np.asarray(head.mean_face))
        self._min_presence, self._min_evidence = head.min_presence, min_evidence
        self._crop = np.empty((card.input_size, card.input_size, 3), np.uint8)
        self.counts = TrackCounts()
        self._forget()

    def _forget(self) -> None:
        self._tracks: tuple[Track, ...] = ()
        self._ids = count()
        self._schedule = FindSchedule()

    def process(
        self, frame: Image, time_s: float | None = None, *, small: Image | None = None
    ) -> tuple[tuple[Face, ...], StageTimes]:
        """Take in one frame.

        Args:
            frame: RGB uint8.
            time_s: when it was taken, by the sensor; without it nothing is smoothed.
            small: the same picture scaled down, where the camera gives one: the finder's.

        Returns:
            Its faces, those followed longest first, and the time that the stages took.
        """
        if not self.follows:
            self._forget()
        clock = StageClock()
        followed, lost = self._follow(frame, clock)
        free = self._limit - len(followed)
        if lost:
            self._search_for.begin_again()
        doubted = sum(track.doubted for track in followed)
        if self._schedule.due(followed=len(followed), free=free + doubted, lost=lost):
            followed = self._search(frame, followed, clock, small)
        self._tracks = tuple(self._smooth(track, time_s) for track in followed)
        faces = tuple(self._face(track) for track in self._tracks)
        clock.lap("decode")
        return faces, clock.times()

    def _follow(self, frame: Image, clock: StageClock) -> tuple[tuple[Track, ...], bool]:
        """Return the tracks that go on, and whether a settled one was lost."""
        kept, lost = [], False
        for track in self._tracks:
            seen = self._look(frame, track.region, clock, track.least_presence, track.most_residual)
            now = advance(track, seen)
            if now is not None:
                kept.append(now)
                continue
            lost = lost or track.settled
            self.counts.lost += 1
            self.counts.blown_up += seen.verdict == "blown up"
        apart = part(kept, self._ids)
        self.counts.merged += len(kept) - len(apart)
        return apart, lost

    def _search(
        self, frame: Image, followed: tuple[Track, ...], clock: StageClock, small: Image | None
    ) -> tuple[Track, ...]:
        """Find faces that are not followed yet, the largest first, and begin to follow them.

        Tracks that the landmark network doubts end where the finder does not see their face.
        """
        clock.lap("decode")
        found = self._search_for.find(frame, small)
        clock.lap("find")
        sure = tuple(track for track in followed if not _missed(found, track))
        self.counts.lost += len(followed) - len(sure)
        followed = sure
        begun: list[Track] = []
        free = self._limit - len(followed)
        fresh = [detection for detection in found.detections if not _among(detection.box, followed)]
        fresh.sort(key=lambda detection: -detection.box.area)
        tries = len(fresh) if self._tries is None else self._tries * free
        left_out = 0
        for detection in fresh[:tries]:
            seen = self._look_twice(frame, detection, clock)
            if seen.verdict != "face" or _among(seen.box, (*followed, *begun)):
                continue
            if len(begun) < free:
                score, least = detection.score, self._min_presence
                begun.append(Track.begin(next(self._ids), seen, score, least))
            else:
                left_out += 1
        if free:  # a search for faces, and not only to confirm those that are followed
            self.counts.left_out = left_out
        self.counts.begun += len(begun)
        return (*followed, *begun)

    def _look_twice(self, frame: Image, detection: Detection, clock: StageClock) -> Seen:
        """Look into a finder's box, which is rough, and then where the landmarks say.

        The first look refuses nothing but points that lie nowhere near the box: a head that is
        turned in a way that the finder did not say is unlike a face until it is seen upright.
        """
        region = Region(detection.box, detection.roll_deg or 0.0)
        first = self._look(frame, region, clock)
        if first.verdict != "face":
            return first
        second = self._look(frame, first.place, clock)
        if second.verdict != "face" or is_face(
            detection.score,
            second.face.presence,
            second.residual,
            min_presence=self._min_presence,
            min_evidence=self._min_evidence,
        ):
            return second
        return replace(second, verdict="no face")

    def _look(
        self,
        frame: Image,
        region: Region,
        clock: StageClock,
        least_presence: float = 0.0,
        max_residual: float = 1.0,
    ) -> Seen:
        """Locate and judge; what follows the network is timed as decoding, until the next lap."""
        clock.lap("decode")  # bookkeeping since the crop before
        face = self._localizer.locate(
            frame, region.box, region.roll_deg, out=self._crop, lap=clock.lap
        )
        return judge(
            face,
            region,
            self._mean_face,
            least_presence=least_presence,
            max_residual=max_residual,
        )

    def _smooth(self, track: Track, time_s: float | None) -> Track:
        euro, points = self._smoothing, track.face.points_frame
        if euro is None or time_s is None or not self.follows:
            return track
        if track.smoothed is None:
            return replace(track, smoothed=euro.start(points, time_s))
        state = euro.step(track.smoothed, points, time_s=time_s, side_px=track.box.width)
        return replace(track, smoothed=state)

    def _face(self, track: Track) -> Face:
        smooth = None if track.smoothed is None else track.smoothed.points_frame
        pose_deg = self._pose_of(track.face, smooth) if self._pose else None
        face = track.face
        measures = measure_face(face.points_frame, self._scheme) if self._measure else None
        return Face(
            id=track.id,
            box=track.box,
            score=track.score,
            presence=face.presence,
            points_frame=face.points_frame,
            points_smooth=smooth,
            pose_deg=pose_deg,
            measures=measures,
        )

    def _pose_of(self, face: LocatedFace, smooth: Floats | None) -> Floats | None:
        if face.pose_deg is not None or not has_68(self._scheme):
            return face.pose_deg
        points = face.points_frame if smooth is None else smooth
        return np.array(head_angles_deg(points, self._scheme), np.float32)


def _missed(found: Found, track: Track) -> bool:
    """Say whether a search speaks against a track that the landmark network doubts."""
    if not track.doubted or not found.would_show(track.box):
        return False
    return not any(same_face(detection.box, track.box) for detection in found.detections)


def _among(box: Box, tracks: tuple[Track, ...]) -> bool:
    return any(same_face(box, track.box) for track in tracks)
