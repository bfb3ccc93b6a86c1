"""Face finders: a frame in, canonical face boxes with scores out."""

from __future__ import annotations

from typing import Protocol

from landmarks.find import Detection
from landmarks.types import Image

__all__ = ["Detection", "FaceFinder"]


class FaceFinder(Protocol):
    """Anything that finds faces."""

    def find(self, frame: Image) -> tuple[Detection, ...]:
        """Return the faces of an RGB uint8 frame, best first; none is an empty tuple."""
        ...
