"""Where frames come from: a picture, a folder, a video, a V4L2 or a Raspberry Pi camera.

A source is a context manager that iterates over ``Frame``s and releases its hardware at the end.
Colour is converted to RGB here and nowhere else.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from types import TracebackType
from typing import Protocol, Self

from landmarks.types import Image


@dataclass(frozen=True)
class Frame:
    """One picture of a source.

    Attributes:
        index: counts from 0.
        name: file name, or the camera's.
        time_s: seconds since the first frame, by the video or the sensor; None for still pictures.
        image: RGB uint8; None if this picture could not be read, then ``problem`` says why.
        problem: one line.
    """

    index: int
    name: str
    time_s: float | None
    image: Image | None
    problem: str = ""


class FrameSource(Protocol):
    """Anything that gives frames.

    Attributes:
        continuous: whether a frame shows what the one before showed a moment later, so that faces
            can be tracked.
        fps: frames a second, for writing a video; None for still pictures.
    """

    continuous: bool
    fps: float | None

    def __enter__(self) -> Self: ...
    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...
    def __iter__(self) -> Iterator[Frame]: ...
