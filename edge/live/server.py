"""The server of the page: one port for its files and for its WebSockets, in a thread of its own."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from http import HTTPStatus
from socket import socket

from websockets.asyncio.server import ServerConnection, serve
from websockets.http11 import Request, Response
from websockets.typing import Subprotocol

from edge.live.access import SUBPROTOCOL, Access
from edge.live.page import plain_response, response
from edge.live.visitor import ANSWERED_WITHIN_S, visitors
from edge.live.watchers import Watchers

FRAMES, ACCESS = "/frames", "/access"  # frames by WebSocket; whether a token is right
SNAPSHOT = "/snapshot.jpg"
SNAPSHOT_WITHIN_S = 3.0
KEEPALIVE_S = 10  # a page that left without a word is let go after twice this
LONGEST_QUESTION = 64  # bytes; pages only ask for the next frame
ACCEPTED_AT_ONCE = 32  # connections, before others of the process get their turn


@contextmanager
def serve_watchers(
    listener: socket, access: Access, files: Mapping[str, Response]
) -> Iterator[Watchers]:
    """Serve the page on a listening socket until the block ends.

    Args:
        listener: the socket.
        access: who may see what.
        files: the answer for each path of the page.
    """
    started: Future[Watchers] = Future()
    thread = threading.Thread(
        target=_run, args=(listener, access, files, started), name="live", daemon=True
    )
    thread.start()
    watchers = started.result()
    try:
        yield watchers
    finally:
        watchers.close()
        thread.join()


def _run(
    listener: socket, access: Access, files: Mapping[str, Response], started: Future[Watchers]
) -> None:
    """Run the event loop; what fails before it serves is raised where it was started."""
    try:
        asyncio.run(_serve(listener, access, files, started))
    except Exception as error:
        if started.done():
            raise
        started.set_exception(error)


async def _serve(
    listener: socket, access: Access, files: Mapping[str, Response], started: Future[Watchers]
) -> None:
    watchers = Watchers(asyncio.get_running_loop())
    async with serve(
        watchers.watch,
        sock=listener,
        backlog=ACCEPTED_AT_ONCE,
        create_connection=visitors(),
        open_timeout=ANSWERED_WITHIN_S,
        process_request=_gate(access, files, watchers),
        select_subprotocol=_speak,
        server_header=None,
        compression=None,  # a JPEG gets no smaller
        max_size=LONGEST_QUESTION,
        ping_interval=KEEPALIVE_S,
        ping_timeout=KEEPALIVE_S,
        close_timeout=1,
    ):
        started.set_result(watchers)
        await watchers.closed.wait()


def _gate(
    access: Access, files: Mapping[str, Response], watchers: Watchers
) -> Callable[[ServerConnection, Request], Awaitable[Response | None]]:
    """Return what answers a request; None lets it become a WebSocket."""

    async def answer(connection: ServerConnection, request: Request) -> Response | None:
        # a header that came twice is joined, and then right for nobody
        headers = {key.lower(): ", ".join(request.headers.get_all(key)) for key in request.headers}
        refusal = access.refuse_page(headers)
        if refusal is None and request.path in (FRAMES, ACCESS, SNAPSHOT):
            refusal = access.refuse_frames(headers)
        if refusal is None and request.path == FRAMES and watchers.full:
            refusal = HTTPStatus.SERVICE_UNAVAILABLE
        if refusal is not None:
            return plain_response(refusal)
        if request.path == FRAMES:
            return None
        if request.path == ACCESS:
            return plain_response(HTTPStatus.OK)
        if request.path == SNAPSHOT:
            return await _snapshot(watchers)
        return files.get(request.path) or plain_response(HTTPStatus.NOT_FOUND)

    return answer


async def _snapshot(watchers: Watchers) -> Response:
    """Answer with the next picture, or with why there is none."""
    try:
        async with asyncio.timeout(SNAPSHOT_WITHIN_S):
            jpeg = await watchers.picture()
    except TimeoutError:  # the camera is lost
        return plain_response(HTTPStatus.SERVICE_UNAVAILABLE)
    if not jpeg:  # the page shows no picture either
        return plain_response(HTTPStatus.NOT_FOUND)
    return response(HTTPStatus.OK, jpeg, "image/jpeg")


def _speak(connection: ServerConnection, offered: Sequence[Subprotocol]) -> Subprotocol | None:
    """Choose the page's protocol; the token that is offered beside it is no protocol."""
    return Subprotocol(SUBPROTOCOL) if SUBPROTOCOL in offered else None
