"""A face as the library gives it: everything about it in the pixels of the picture."""

from __future__ import annotations

from dataclasses import dataclass

from edge_landmarks.parts import part_of
from landmarks.boxes import Box
from landmarks.measures import FaceMeasures, frame_shares
from landmarks.schemes import Scheme
from landmarks.types import Floats


@dataclass(frozen=True)
class HeadAngles:
    """How a head is turned, degrees.

    Attributes:
        yaw_deg: positive with the nose to the left of the picture.
        pitch_deg: positive looking up.
        roll_deg: positive clockwise on the screen.
    """

    yaw_deg: float
    pitch_deg: float
    roll_deg: float


@dataclass(frozen=True, eq=False)
class FaceLandmarks:
    """One face of a picture.

    Attributes:
        id: the same while a face is followed in a video; in a still picture its rank.
        box: square round the landmarks, pixels of the picture.
        score: how sure the face finder was; 0 to 1 for ``own`` and ``yunet``, a weight without
            such a range for ``haar``.
        presence: 0 to 1, how sure the landmark network is that there is a face.
        points_frame: float32 (n, 2), pixels of the picture, as the network says.
        points_smooth: the same, smoothed over time; None where smoothing is off.
        pose: None where it was not asked for or the landmarks do not tell it.
        measures: of ``points_frame``, so that no smoothing hides a blink; None as ``pose``.
        scheme: what the points are, see ``landmarks.schemes``.
        frame_size: (width, height) of the picture in pixels.
    """

    id: int
    box: Box
    score: float
    presence: float
    points_frame: Floats
    points_smooth: Floats | None
    pose: HeadAngles | None
    measures: FaceMeasures | None
    scheme: Scheme
    frame_size: tuple[int, int]

    @property
    def points(self) -> Floats:
        """The points to draw, float32 (n, 2): smoothed where there are such, else the raw ones."""
        return self.points_frame if self.points_smooth is None else self.points_smooth

    @property
    def points_share(self) -> Floats:
        """``points`` as shares of the picture, float32 (n, 2): 0 to 1 from edge to edge."""
        return frame_shares(self.points, *self.frame_size)

    def part(self, name: str) -> Floats:
        """Return the points of one part of the face, float32 (m, 2).

        Args:
            name: one of ``edge_landmarks.PARTS``, for instance ``left_eye``.

        Raises:
            ValueError: there is no such part, or the scheme does not hold the 68 points.
        """
        return part_of(self.points, self.scheme, name)
