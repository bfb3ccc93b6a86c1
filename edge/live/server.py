"""The server of the page: one port for its files and for its WebSockets, in a thread of its own."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from http import HTTPStatus
from socket import socket

from websockets.asyncio.server import ServerConnection, serve
from websockets.http11 import Request, Response
from websockets.typing import Subprotocol

from edge.live.access import SUBPROTOCOL, Access
from edge.live.page import page_files, plain_response
from edge.live.visitor import ANSWERED_WITHIN_S, visitors
from edge.live.watchers import Watchers

FRAMES, ACCESS = "/frames", "/access"  # frames by WebSocket; whether a token is right
KEEPALIVE_S = 10  # a page that left without a word is let go after twice this
LONGEST_QUESTION = 64  # bytes; pages only ask for the next frame
ACCEPTED_AT_ONCE = 32  # connections, before others of the process get their turn


@contextmanager
def serve_watchers(listener: socket, access: Access) -> Iterator[Watchers]:
    """Serve the page on a listening socket until the block ends."""
    started: Future[Watchers] = Future()
    thread = threading.Thread(
        target=_run, args=(listener, access, started), name="live", daemon=True
    )
    thread.start()
    watchers = started.result()
    try:
        yield watchers
    finally:
        watchers.close()
        thread.join()


def _run(listener: socket, access: Access, started: Future[Watchers]) -> None:
    """Run the event loop; what fails before it serves is raised where it was started."""
    try:
        asyncio.run(_serve(listener, access, started))
    except Exception as error:
        if started.done():
            raise
        started.set_exception(error)


async def _serve(listener: socket, access: Access, started: Future[Watchers]) -> None:
    watchers = Watchers(asyncio.get_running_loop())
    async with serve(
        watchers.watch,
        sock=listener,
        backlog=ACCEPTED_AT_ONCE,
        create_connection=visitors(),
        open_timeout=ANSWERED_WITHIN_S,
        process_request=_gate(access, watchers),
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
    access: Access, watchers: Watchers
) -> Callable[[ServerConnection, Request], Response | None]:
    """Return what answers a request; None lets it become a WebSocket."""
    files = page_files()

    def answer(connection: ServerConnection, request: Request) -> Response | None:
        # a header that came twice is joined, and then right for nobody
        headers = {key.lower(): ", ".join(request.headers.get_all(key)) for key in request.headers}
        refusal = access.refuse_page(headers)
        if refusal is None and request.path in (FRAMES, ACCESS):
            refusal = access.refuse_frames(headers)
        if refusal is None and request.path == FRAMES and watchers.full:
            refusal = HTTPStatus.SERVICE_UNAVAILABLE
        if refusal is not None:
            return plain_response(refusal)
        if request.path == FRAMES:
            return None
        if request.path == ACCESS:
            return plain_response(HTTPStatus.OK)
        return files.get(request.path) or plain_response(HTTPStatus.NOT_FOUND)

    return answer


def _speak(connection: ServerConnection, offered: Sequence[Subprotocol]) -> Subprotocol | None:
    """Choose the page's protocol; the token that is offered beside it is no protocol."""
    return Subprotocol(SUBPROTOCOL) if SUBPROTOCOL in offered else None
