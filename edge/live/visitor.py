"""A connection to the page's port, from its first byte to its answer; strangers cost little.

Whoever connects holds an open file of this process, before it has said a word. So only so many wait
for their answer at a time, and the one that has been silent longest makes room for the next.
"""

from __future__ import annotations

from functools import partial
from typing import Any, cast

from websockets.asyncio.server import ServerConnection
from websockets.protocol import OPEN, State

ROOM = 64  # connections without an answer; a browser opens six
ANSWERED_WITHIN_S = 5  # else a connection is cut
END_OF_REQUEST = b"\r\n\r\n"


class Doorway:
    """The connections that wait for their answer, oldest first."""

    def __init__(self) -> None:
        """Start with none."""
        self._waiting: dict[ServerConnection, None] = {}

    def enter(self, visitor: ServerConnection) -> None:
        """Let one more wait; if that is one too many, cut the oldest."""
        self._waiting[visitor] = None
        if len(self._waiting) > ROOM:
            oldest = next(iter(self._waiting))
            self.leave(oldest)
            oldest.transport.abort()

    def leave(self, visitor: ServerConnection) -> None:
        """Forget one that became a WebSocket, or is gone."""
        self._waiting.pop(visitor, None)


class Visitor(ServerConnection):
    """A connection of ``websockets`` that passes through a doorway and is asked one thing."""

    def __init__(self, *args: Any, doorway: Doorway, **options: Any) -> None:
        """Take what the library gives."""
        super().__init__(*args, **options)
        self._doorway = doorway
        self._end = b""  # of what came so far

    def connection_made(self, transport: Any) -> None:
        """Wait for an answer."""
        super().connection_made(transport)
        self._doorway.enter(self)

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no more."""
        self._doorway.leave(self)
        super().connection_lost(exc)

    async def handshake(self, *args: Any, **options: Any) -> None:
        """Answer; a WebSocket waits no more."""
        await super().handshake(*args, **options)
        if self.state is OPEN:
            self._doorway.leave(self)

    def data_received(self, data: bytes) -> None:
        """Take one request, and nothing more before it is answered.

        The library takes what follows a request for frames of a WebSocket, which a second request,
        or the body of a POST, is not.
        """
        if self.request is None:
            seen = self._end + data
            end = seen.find(END_OF_REQUEST)
            if end >= 0:
                data = data[: end + len(END_OF_REQUEST) - len(self._end)]
            self._end = seen[1 - len(END_OF_REQUEST) :]
        elif self.state is State.CONNECTING:
            return
        super().data_received(data)


def visitors() -> type[ServerConnection]:
    """Return what makes the connections of one server."""
    # any function that makes one will do: the library only calls it
    return cast(type[ServerConnection], partial(Visitor, doorway=Doorway()))
