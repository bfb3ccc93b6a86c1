"""The pages that look on, and the one message that is made for all who wait."""

from __future__ import annotations

import asyncio
import threading
import time
from contextlib import suppress

from websockets.asyncio.server import ServerConnection, broadcast
from websockets.exceptions import ConnectionClosed

from edge.health import temperature_c
from edge.live.message import END, View, event_message, frame_message, jpeg_in
from edge.stream import Event

MAX_FPS = 20  # of pages; the pipeline is not slowed to it
MAX_WATCHERS = 32


class Watchers:
    """An ``Audience`` of pages.

    ``wants_frame``, ``show``, ``announce`` and ``close`` may be called by any thread; all else
    belongs to the event loop.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        """Start without a page."""
        self.closed = asyncio.Event()
        self._loop = loop
        self._wanted = threading.Event()
        self._asked = False  # a frame is wanted, at once or as soon as MAX_FPS allows
        self._sent_s = 0.0
        self._next: asyncio.Future[bytes] = loop.create_future()
        self._connections: set[ServerConnection] = set()
        self._snapshots = 0  # that wait for a picture
        self._lost: Event | None = None

    def wants_frame(self) -> bool:
        """Say whether a page waits for a frame."""
        return self._wanted.is_set()

    def show(self, view: View) -> None:
        """Send a frame to all pages that wait."""
        self._wanted.clear()
        self._loop.call_soon_threadsafe(self._send, view)

    def announce(self, event: Event) -> None:
        """Send what happens to the camera to all pages, a lost one to those that come later too."""
        self._loop.call_soon_threadsafe(self._tell, event)

    def close(self) -> None:
        """Tell all pages that the run has ended, and let them go."""
        self._loop.call_soon_threadsafe(self._end)

    @property
    def full(self) -> bool:
        """Whether one more page would be too many."""
        return len(self._connections) >= MAX_WATCHERS

    async def watch(self, connection: ServerConnection) -> None:
        """Serve one page until it is gone."""
        self._connections.add(connection)
        if self._lost is not None:
            broadcast([connection], event_message(self._lost, now_ns=time.monotonic_ns()))
        answering = asyncio.create_task(self._answer(connection))
        try:
            await connection.wait_closed()
        finally:
            self._connections.discard(connection)
            answering.cancel()

    async def _answer(self, connection: ServerConnection) -> None:
        """Send a frame for each message, which asks for one."""
        with suppress(ConnectionClosed):
            async for _ in connection:
                self._ask()
                await connection.send(await asyncio.shield(self._next))

    async def picture(self) -> bytes:
        """Return the JPEG of the next frame; empty where pictures are not sent."""
        self._snapshots += 1
        try:
            self._ask()
            return jpeg_in(await asyncio.shield(self._next))
        finally:
            self._snapshots -= 1

    def _ask(self) -> None:
        if not self._asked:
            self._asked = True
            self._loop.call_at(self._sent_s + 1 / MAX_FPS, self._wanted.set)

    def _send(self, view: View) -> None:
        self._asked, self._sent_s = False, self._loop.time()
        if not self._connections and not self._snapshots:
            return
        waited_for, self._next = self._next, self._loop.create_future()
        message = frame_message(view, now_ns=time.monotonic_ns(), temperature_c=temperature_c())
        waited_for.set_result(message)

    def _tell(self, event: Event) -> None:
        if event.kind not in ("camera_lost", "camera_back"):
            return
        self._lost = event if event.kind == "camera_lost" else None
        broadcast(self._connections, event_message(event, now_ns=time.monotonic_ns()))

    def _end(self) -> None:
        broadcast(self._connections, END)
        self.closed.set()
