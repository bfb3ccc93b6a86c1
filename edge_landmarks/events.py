"""From a measure over time to what happened: blinks, yawns, eyes that stay shut.

People differ: one's open eyes are another's narrow ones. So a measure is first told as a share of
the person's own usual level (``UsualLevel``), and an event is a time that it spent beyond a
threshold, neither too short nor too long (``Episodes``). Two thresholds, one to begin and one to
end, keep a trembling measure from being counted twice (a Schmitt trigger).

Example:
    >>> blinks = Episodes(begins_below=0.75, ends_above=0.85, longest_s=0.5)
    >>> shares = [1.0, 0.99, 0.6, 0.7, 0.9, 1.0]
    >>> ended = [blinks.add(share, time_s=i / 10) for i, share in enumerate(shares)]
    >>> [episode for episode in ended if episode]
    [Episode(begin_s=0.2, end_s=0.4)]
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from math import inf

import numpy as np


@dataclass(frozen=True)
class Episode:
    """A time that a measure spent beyond its threshold.

    Attributes:
        begin_s: when it began.
        end_s: when it was over.
    """

    begin_s: float
    end_s: float

    @property
    def duration_s(self) -> float:
        """How long it took."""
        return self.end_s - self.begin_s


class Episodes:
    """Finds the times that a measure spends below its threshold; one caller at a time.

    For times above one, give the measure with its sign changed.

    Attributes:
        count: episodes that ended so far and were neither too short nor too long.
    """

    def __init__(
        self,
        *,
        begins_below: float,
        ends_above: float,
        shortest_s: float = 0.0,
        longest_s: float = inf,
    ) -> None:
        """Set the thresholds.

        Args:
            begins_below: an episode begins when the measure falls below this.
            ends_above: it ends when the measure rises above this.
            shortest_s: shorter episodes do not count.
            longest_s: longer episodes do not count.

        Raises:
            ValueError: the end lies below the beginning, or the longest is not the longer one.
        """
        if not ends_above >= begins_below:
            raise ValueError(f"ends_above={ends_above}, expected {begins_below} or more")
        if not longest_s > shortest_s >= 0:
            raise ValueError(
                f"shortest_s={shortest_s}, longest_s={longest_s}: expected 0 <= shortest < longest"
            )
        self._begins_below, self._ends_above = begins_below, ends_above
        self._shortest_s, self._longest_s = shortest_s, longest_s
        self._begin_s: float | None = None
        self.count = 0

    def add(self, value: float, time_s: float) -> Episode | None:
        """Take in the measure of a moment; return the episode that it ends, if any.

        Args:
            value: the measure.
            time_s: of its frame, not before the one given last.
        """
        if self._begin_s is None:
            if value < self._begins_below:
                self._begin_s = time_s
            return None
        if value <= self._ends_above:
            return None
        episode = Episode(self._begin_s, time_s)
        self._begin_s = None
        if not self._shortest_s <= episode.duration_s <= self._longest_s:
            return None
        self.count += 1
        return episode

    def lasting_s(self, time_s: float) -> float:
        """Return how long the present episode has lasted at a moment, 0 where there is none."""
        return 0.0 if self._begin_s is None else time_s - self._begin_s

    def forget(self) -> None:
        """End the present episode without counting it: the face was lost."""
        self._begin_s = None


class UsualLevel:
    """A measure as a share of its own median over the last seconds; one caller at a time."""

    def __init__(self, window_s: float = 30.0) -> None:
        """Begin without a level.

        Args:
            window_s: seconds that are remembered: long against a blink.

        Raises:
            ValueError: it is not positive.
        """
        if not window_s > 0:
            raise ValueError(f"window_s={window_s}, expected more than 0")
        self._window_s = window_s
        self._seen: deque[tuple[float, float]] = deque()

    def share(self, value: float, time_s: float) -> float:
        """Take in the measure of a moment; return it divided by the usual level.

        Args:
            value: the measure, 0 or more.
            time_s: of its frame, not before the one given last.

        Returns:
            1 where the measure is as usual, and where its usual level is 0.
        """
        self._seen.append((time_s, value))
        while self._seen[0][0] < time_s - self._window_s:
            self._seen.popleft()
        level = float(np.median([seen for _, seen in self._seen]))
        return value / level if level > 0 else 1.0
