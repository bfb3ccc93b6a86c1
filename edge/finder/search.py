"""Where a finder looks: everywhere in a picture, in one part of a film's frame at a time."""

from __future__ import annotations

from dataclasses import dataclass

from edge.finder import Detection, FaceFinder
from edge.finder.parts import Part, find_everywhere, find_in, search_order, whole_of
from landmarks.boxes import Box
from landmarks.types import Image

SEEN_SHARE = 0.06  # side of a face that is hardly ever missed, a share of the part's longer side
AGAIN = 1  # searches of the whole frame once more: a face is often lost for one frame only


@dataclass(frozen=True)
class Found:
    """What a search found.

    Attributes:
        detections: faces, surest first, pixels of the frame.
        part: where it looked.
        frame: the part that is the whole frame.
    """

    detections: tuple[Detection, ...]
    part: Part
    frame: Part

    def would_show(self, box: Box) -> bool:
        """Say whether a face in this box, pixels of the frame, would have been seen."""
        side = max(self.part.x1 - self.part.x0, self.part.y1 - self.part.y0)
        return self.part.holds(box, self.frame) and box.width >= SEEN_SHARE * side


class PictureSearch:
    """Looks at the whole picture and at all its parts at once."""

    def __init__(self, finder: FaceFinder) -> None:
        """Search with this finder."""
        self._finder = finder

    def find(self, frame: Image, small: Image | None = None) -> Found:
        """Search an RGB uint8 picture; a smaller copy of it is of no use."""
        whole = whole_of(frame)
        return Found(tuple(find_everywhere(self._finder, frame)), whole, whole)

    def begin_again(self) -> None:
        """Do nothing: each search is a whole one."""


class FilmSearch:
    """Looks at the whole frame and at its parts in turns, so that no frame pays for all."""

    def __init__(self, finder: FaceFinder, *, parts: bool) -> None:
        """Search with this finder.

        Args:
            finder: any.
            parts: whether parts have turns. Where nothing is followed, faces that come and go with
                the part would be of no use.
        """
        self._finder, self._parts = finder, parts
        self._searches = 0

    def find(self, frame: Image, small: Image | None = None) -> Found:
        """Search an RGB uint8 frame.

        Args:
            frame: the frame.
            small: the same picture scaled down, where the camera gives one; it stands for the whole
                frame.
        """
        whole = whole_of(frame)
        order = search_order(frame) if self._parts else (whole,)
        part = order[max(self._searches - AGAIN, 0) % len(order)]
        self._searches += 1
        if part != whole or small is None:
            return Found(tuple(find_in(self._finder, frame, part)), part, whole)
        zoom_x, zoom_y = frame.shape[1] / small.shape[1], frame.shape[0] / small.shape[0]
        found = self._finder.find(small)
        resized = tuple(detection.resized(zoom_x, zoom_y) for detection in found)
        return Found(resized, whole, whole)

    def begin_again(self) -> None:
        """Look at the whole frame next: a face was lost, and may be anywhere."""
        self._searches = 0
