"""BlazeFace as a face finder, to compare with: the peer of ``edge-bench`` with canonical boxes."""

from __future__ import annotations

from pathlib import Path

from edge.bench.peers.blazeface import BlazeFace
from edge.bench.peers.registry import PeerChoice
from landmarks.boxes import Box, BoxConvention
from landmarks.find import Detection
from landmarks.types import Image

# Where the canonical box lies in BlazeFace's: medians over 315 labelled faces of 300W's training
# frames.
BLAZEFACE_BOXES = BoxConvention(dx=0.0, dy=0.057, scale=0.945)


class BlazeFaceFinder:
    """The short-range detector of MediaPipe; it gives its boxes no score that it would report."""

    def __init__(self, path: Path, *, threads: int) -> None:
        """Load the file.

        Raises:
            ModelFileError: it is missing or damaged.
        """
        self._network = BlazeFace(path, threads=threads)

    @classmethod
    def packaged(cls, *, threads: int) -> BlazeFaceFinder:
        """Load the file of an installed package.

        Raises:
            MissingExtraError: no package that has it is installed.
        """
        return cls(PeerChoice.parse("blazeface").path, threads=threads)

    def find(self, frame: Image) -> tuple[Detection, ...]:
        """Return the faces of an RGB uint8 frame, surest first."""
        boxes = self._network.answer(frame, Box(0, 0, 1, 1)).boxes
        return tuple(Detection(BLAZEFACE_BOXES.to_canonical(box), 1.0) for box in boxes)
