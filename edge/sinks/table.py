"""Results as CSV: a header, then a row a face, and one for a frame that has none."""

from __future__ import annotations

import csv
from dataclasses import fields
from typing import TextIO

from edge.stream import Event, Face, FrameResult
from landmarks.measures import FaceMeasures

MEASURES = tuple(field.name for field in fields(FaceMeasures))


OF_A_FRAME = ("frame", "name", "time_s", "width", "height")
OF_A_FACE = ("face", "score", "presence", "yaw_deg", "pitch_deg", "roll_deg")


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
        points = [f"{axis}{i}" for i in range(n_points) for axis in "xy"]
        columns = [*OF_A_FRAME, *OF_A_FACE, *points, *(MEASURES if measured else ())]
        self._rows.writerow(columns)
        self._no_face = [""] * (len(columns) - len(OF_A_FRAME))

    def write(self, result: FrameResult) -> None:
        """Write the faces of a frame; a frame without faces has a row that says no more."""
        frame, image = result.frame, result.frame.image
        time_s = "" if frame.time_s is None else f"{frame.time_s:.4f}"
        height, width = ("", "") if image is None else image.shape[:2]
        begin = [frame.index, frame.name, time_s, width, height]
        for face in result.faces:
            self._rows.writerow([*begin, *_cells(face)])
        if not result.faces:
            self._rows.writerow([*begin, *self._no_face])
        self._stream.flush()

    def event(self, event: Event) -> None:
        """Leave events out: a table has one kind of row."""


def _cells(face: Face) -> list[object]:
    """Return what is said of a face; the pose is empty where the landmarks do not tell it."""
    pose = ["", "", ""] if face.pose_deg is None else [f"{angle:.1f}" for angle in face.pose_deg]
    points = [f"{value:.2f}" for value in face.points_frame.ravel()]
    measures = () if face.measures is None else face.measures.to_dict().values()
    return [face.id, f"{face.score:.3f}", f"{face.presence:.3f}", *pose, *points, *measures]
