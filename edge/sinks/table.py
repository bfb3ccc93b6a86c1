"""Results as CSV: a header, then one row a face."""

from __future__ import annotations

import csv
from dataclasses import fields
from typing import TextIO

from edge.stream import Event, FrameResult
from landmarks.measures import FaceMeasures

MEASURES = tuple(field.name for field in fields(FaceMeasures))


class Table:
    """Writes to a text stream and flushes after each frame."""

    def __init__(self, stream: TextIO, n_points: int, *, measured: bool = False) -> None:
        """Write the header.

        Args:
            stream: a text file.
            n_points: points of a face.
            measured: whether faces come with measures, which are the last columns.
        """
        self._stream = stream
        self._rows = csv.writer(stream, lineterminator="\n")
        columns = [f"{axis}{i}" for i in range(n_points) for axis in "xy"]
        measures = MEASURES if measured else ()
        self._rows.writerow(["frame", "name", "face", "score", "presence", *columns, *measures])

    def write(self, result: FrameResult) -> None:
        """Write the faces of a frame; a frame without faces has no row."""
        frame = result.frame
        for face in result.faces:
            sure = [f"{value:.3f}" for value in (face.score, face.presence)]
            points = [f"{value:.2f}" for value in face.points_frame.ravel()]
            measures = () if face.measures is None else face.measures.to_dict().values()
            row = [frame.index, frame.name, face.id, *sure, *points, *measures]
            self._rows.writerow(row)
        self._stream.flush()

    def event(self, event: Event) -> None:
        """Leave events out: a table has one kind of row."""
