"""When the face finder runs: at once after a loss, now and then while there is room, else never."""

from __future__ import annotations

FIND_EVERY = 5  # frames from search to search while a face is followed and there is room for more
IDLE_EVERY = 3  # the same while there is none, once nothing came of the first searches
FIRST_SEARCHES = 7  # in as many frames: the whole frame and all its parts, at the start and a loss
SETTLED_FRAMES = 5  # a track that lasted so long was no accident


class FindSchedule:
    """Says for each frame whether to search it.

    A film begins with a search of each frame until all parts of it had their turn; then searches
    have pauses: a face that was just lost is looked for hard, an empty room is not. Only the loss
    of a settled track starts over, so that tracks that come and go never bring finder and network
    both to the full rate.
    """

    def __init__(self) -> None:
        """Search the first frames."""
        self._searches = self._waited = 0

    def due(self, *, followed: int, free: int, lost: bool) -> bool:
        """Say whether to search this frame; to be asked once a frame.

        Args:
            followed: faces that are followed.
            free: how many more are wanted.
            lost: whether a settled track ended in this frame.
        """
        self._waited += 1
        if lost:
            self._searches = 0
        every = FIND_EVERY if followed else IDLE_EVERY
        if free == 0 or (self._searches >= FIRST_SEARCHES and self._waited < every):
            return False
        self._waited = 0
        self._searches += 1
        return True
