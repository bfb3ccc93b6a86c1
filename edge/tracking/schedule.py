"""When the face finder runs: at once after a loss, now and then while there is room, else never."""

from __future__ import annotations

FIND_EVERY = 10  # frames from search to search while a face is followed and there is room for more
IDLE_EVERY = 3  # the same while there is none, once nothing came of the first searches
SETTLED_FRAMES = 5  # a track that lasted so long was no accident


class FindSchedule:
    """Says for each frame whether to search it.

    Without a face the pauses double from 1 frame to ``IDLE_EVERY``: a face that was just lost is
    looked for hard, an empty room is not. Only the loss of a settled track starts over, so that
    tracks that come and go never bring finder and network both to the full rate.
    """

    def __init__(self) -> None:
        """Search the first frame."""
        self._pause = self._waited = 0

    def due(self, *, followed: int, free: int, lost: bool) -> bool:
        """Say whether to search this frame; to be asked once a frame.

        Args:
            followed: faces that are followed.
            free: how many more are wanted.
            lost: whether a settled track ended in this frame.
        """
        self._waited += 1
        if lost:
            self._pause = 0
        pause = FIND_EVERY if followed and not lost else self._pause
        if free == 0 or self._waited < pause:
            return False
        self._waited = 0
        self._pause = min(max(1, 2 * self._pause), IDLE_EVERY)
        return True
