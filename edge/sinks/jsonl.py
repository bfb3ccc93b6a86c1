"""Results as JSON lines: one object a frame, and one an event."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TextIO

from edge.sinks.records import Record, event_record, frame_record
from edge.stream import Event, FrameResult


@dataclass(frozen=True)
class JsonLines:
    """Writes to a text stream and flushes after each line, so that a reader sees it at once."""

    stream: TextIO

    def write(self, result: FrameResult) -> None:
        """Write a frame."""
        self.line(frame_record(result))

    def event(self, event: Event) -> None:
        """Write an event."""
        self.line(event_record(event))

    def line(self, record: Record) -> None:
        """Write any record."""
        self.stream.write(json.dumps(record) + "\n")
        self.stream.flush()
