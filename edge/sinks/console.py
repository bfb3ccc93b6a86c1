"""What the person at the terminal, or the service's journal, should know while a run goes on."""

from __future__ import annotations

import sys

from edge.stream import Event, FrameResult
from landmarks.shown import one_line


class Console:
    """Says on stderr what went wrong, and nothing while all is well."""

    def write(self, result: FrameResult) -> None:
        """Name a picture that could not be read."""
        if result.frame.image is None:
            print(f"warning: {one_line(result.frame.problem)}", file=sys.stderr)

    def event(self, event: Event) -> None:
        """Say that the camera was lost, or is back."""
        if event.kind != "health":
            print(f"{event.kind.replace('_', ' ')}: {one_line(event.detail)}", file=sys.stderr)
