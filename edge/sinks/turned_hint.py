"""A hint for cameras that hang on their head or their side, where nothing is ever found."""

from __future__ import annotations

import sys

from edge.camera.view import View
from edge.finder import FaceFinder
from edge.stream import Event, FrameResult

LOOKS = (20, 200, 2000)  # frames without any face after which a turned one is tried


class TurnedHint:
    """Counts frames until the first face; at some of them, looks at the frame turned.

    It is used in the thread of the pipeline, whose finder it borrows.
    """

    def __init__(self, finder: FaceFinder, view: View) -> None:
        """Begin to count; ``view`` is how the frames are turned already."""
        self._finder, self._view = finder, view
        self._n_empty = 0
        self._settled = False

    def write(self, result: FrameResult) -> None:
        """Look at a frame, and say once by how much to turn it, if that shows a face."""
        image = result.frame.image
        if self._settled or image is None:
            return
        self._settled = bool(result.faces) or self._n_empty >= max(LOOKS)
        self._n_empty += 1
        if self._settled or self._n_empty not in LOOKS:
            return
        for turn_deg in (180, 90, 270):
            if self._finder.find(View(turn_deg).turned(image)):
                rotate_deg = (self._view.rotate_deg + turn_deg) % 360
                print(
                    f"hint: no face in {self._n_empty} frames, but there is one when they are "
                    f"turned: try --rotate {rotate_deg}",
                    file=sys.stderr,
                )
                self._settled = True
                return

    def event(self, event: Event) -> None:
        """Take no notice."""
