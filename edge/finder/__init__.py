"""Face finders: a frame in, canonical face boxes with scores out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from landmarks.boxes import Box
from landmarks.types import Image


@dataclass(frozen=True)
class Detection:
    """A face that a finder saw.

    Attributes:
        box: canonical face box, pixels of the frame.
        score: how sure the finder is; comparable within one finder only.
    """

    box: Box
    score: float


class FaceFinder(Protocol):
    """Anything that finds faces."""

    def find(self, frame: Image) -> tuple[Detection, ...]:
        """Return the faces of an RGB uint8 frame, best first; none is an empty tuple."""
        ...
