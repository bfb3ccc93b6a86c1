"""What a run hands on: faces of a frame with their times, and events between frames."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from edge.camera import Frame
from edge.health import Health
from landmarks.boxes import Box
from landmarks.types import Floats


@dataclass(frozen=True)
class Face:
    """A face of a frame.

    Attributes:
        id: the same while a face is followed; in still pictures its rank.
        box: canonical face box of the landmarks, pixels of the frame.
        score: of the finder, when it found the face; see ``landmarks.find.Detection``.
        presence: 0 to 1, of the landmark network, in this frame.
        points_frame: float32 (n, 2), pixels of the frame, as the network says.
        points_smooth: the same, smoothed over time; None where smoothing is off.
        pose_deg: float32 (3,) yaw, pitch, roll (signs: ``landmarks.pose``); None if not asked for.
    """

    id: int
    box: Box
    score: float
    presence: float
    points_frame: Floats
    points_smooth: Floats | None = None
    pose_deg: Floats | None = None


@dataclass(frozen=True)
class StageTimes:
    """Milliseconds that the stages of one frame took, over all its faces; 0 where one did not run.

    Attributes:
        find_ms: face finder.
        crop_ms: crops cut from the frame.
        infer_ms: landmark network.
        decode_ms: from output tensors to points, pose and decisions.
    """

    find_ms: float = 0.0
    crop_ms: float = 0.0
    infer_ms: float = 0.0
    decode_ms: float = 0.0

    @property
    def total_ms(self) -> float:
        """All stages together."""
        return self.find_ms + self.crop_ms + self.infer_ms + self.decode_ms


@dataclass(frozen=True)
class FrameResult:
    """One frame after the pipeline.

    Attributes:
        frame: with its picture; ``frame.image`` is None where it could not be read.
        faces: empty where none was found.
        times: of the stages.
        dropped: frames that the camera gave since the last result and that nobody looked at.
    """

    frame: Frame
    faces: tuple[Face, ...]
    times: StageTimes
    dropped: int = 0


@dataclass(frozen=True)
class Event:
    """Something that happened between frames.

    Attributes:
        kind: what happened; ``health`` comes now and then.
        at_ns: when, nanoseconds of the monotonic clock.
        detail: one line.
        health: of the board, with an event of that kind.
    """

    kind: Literal["camera_lost", "camera_back", "health"]
    at_ns: int
    detail: str
    health: Health | None = None
