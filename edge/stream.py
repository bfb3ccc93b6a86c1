"""What flows through a run: frames from a source, their results, and events between frames.

::

    FrameSource -> Frame -> Taken -> Stream -> pipeline -> FrameResult -> sinks
                               Event ---------------------> sinks

A ``FrameSource`` is opened by ``edge.camera``, ``edge.pipeline`` finds the ``Face``s of a frame,
``edge.run_loop`` joins both, and ``edge.sinks`` take the results.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from edge.health import Health
from landmarks.boxes import Box
from landmarks.measures import FaceMeasures
from landmarks.types import Floats, Image

TICK_S = 0.1  # the longest time in seconds for which a stream keeps its reader waiting


@dataclass(frozen=True)
class Frame:
    """One picture of a source.

    Attributes:
        index: counts from 0.
        name: file name, or the camera's.
        time_s: seconds since the first frame, by the video or the sensor; None for still pictures.
        image: RGB uint8 (height, width, 3), which nobody writes to any more; None if this picture
            could not be read, then ``problem`` says why.
        problem: one line; empty where ``image`` is there.
        sensor_ns: when the sensor took it, nanoseconds of the monotonic clock; None for files.
        small: the same picture, scaled down by the camera; None where the camera gives none.
    """

    index: int
    name: str
    time_s: float | None
    image: Image | None
    problem: str = ""
    sensor_ns: int | None = None
    small: Image | None = None


@dataclass(frozen=True)
class FrameSource:
    """An open source.

    Attributes:
        frames: to be read once, in order.
        continuous: whether a frame shows what the one before showed a moment earlier, so that faces
            can be followed.
        fps: frames a second, for writing a video; None for still pictures.
    """

    frames: Iterator[Frame]
    continuous: bool
    fps: float | None


@dataclass(frozen=True)
class Taken:
    """A frame that the run took.

    Attributes:
        frame: the frame.
        dropped: how many frames the source gave since the one taken before, which nobody took.
    """

    frame: Frame
    dropped: int = 0


@dataclass(frozen=True)
class Event:
    """Something that happened between frames.

    Attributes:
        kind: what happened; ``health`` comes at regular intervals.
        at_ns: when, nanoseconds of the monotonic clock.
        detail: one line.
        health: of the board, with an event of that kind.
    """

    kind: Literal["camera_lost", "camera_back", "health"]
    at_ns: int
    detail: str
    health: Health | None = None


Item = Taken | Event | None  # None: there is nothing new, and the reader may look at the clock


@dataclass(frozen=True)
class Stream:
    """An open source as a run sees it.

    Attributes:
        items: frames and events in their order; None where there is nothing for a moment.
        live: frames come in the camera's time, and those that nobody takes are dropped. Frames of
            files wait until they are taken.
        continuous: see ``FrameSource``.
        fps: frames a second; None for still pictures.
    """

    items: Iterator[Item]
    live: bool
    continuous: bool
    fps: float | None


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
        measures: of ``points_frame``, so that no smoothing hides a blink; None if not asked for.
    """

    id: int
    box: Box
    score: float
    presence: float
    points_frame: Floats
    points_smooth: Floats | None = None
    pose_deg: Floats | None = None
    measures: FaceMeasures | None = None


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
        dropped: frames that the camera gave since the result before, which nobody took.
    """

    frame: Frame
    faces: tuple[Face, ...]
    times: StageTimes
    dropped: int = 0


def ticks(duration_s: float) -> Iterator[None]:
    """Wait that many seconds, and give None at least every ``TICK_S`` until they are over."""
    deadline = time.monotonic() + duration_s
    while (left_s := deadline - time.monotonic()) > 0:
        yield None
        time.sleep(min(TICK_S, left_s))
