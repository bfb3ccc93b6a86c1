"""What became of the tracks of a run, for its summary."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class TrackCounts:
    """What became of tracks so far.

    Attributes:
        begun: tracks that began.
        lost: tracks that ended because their face was gone.
        blown_up: of these, how many ended by an answer that no face can give.
        merged: tracks that ended because another one lay on the same face.
        left_out: faces that the last search saw beyond those asked for; there may be more, since a
            search looks at a bounded number of boxes.
    """

    begun: int = 0
    lost: int = 0
    blown_up: int = 0
    merged: int = 0
    left_out: int = 0
