"""Results as CSV: a header, then one row a face."""

from __future__ import annotations

import csv
from typing import TextIO

from edge.stream import Event, FrameResult


class Table:
    """Writes to a text stream and flushes after each frame."""

    def __init__(self, stream: TextIO, n_points: int) -> None:
        """Write the header for faces of ``n_points`` points."""
        self._stream = stream
        self._rows = csv.writer(stream, lineterminator="\n")
        columns = [f"{axis}{i}" for i in range(n_points) for axis in "xy"]
        self._rows.writerow(["frame", "name", "face", "score", "presence", *columns])

    def write(self, result: FrameResult) -> None:
        """Write the faces of a frame; a frame without faces has no row."""
        frame = result.frame
        for face in result.faces:
            sure = [f"{value:.3f}" for value in (face.score, face.presence)]
            points = [f"{value:.2f}" for value in face.points_frame.ravel()]
            self._rows.writerow([frame.index, frame.name, face.id, *sure, *points])
        self._stream.flush()

    def event(self, event: Event) -> None:
        """Leave events out: a table has one kind of row."""
