"""``--live``: a page in the browser with the picture, the landmarks and what they cost.

::

    pipeline's thread                      the server's thread
    LiveSink.write  --- one newest View -->  Watchers  --- one Message for all -->  each page

A page asks for one frame, draws it, and asks again. So nothing queues anywhere: a page gets the
newest frame as fast as it can draw, a slow or vanished one holds up nobody, and while no page asks
the pipeline copies nothing and nothing is encoded.

The picture leaves the process only here, because the user asked for ``--live``. It is served on
127.0.0.1 unless told otherwise, and on any other address only to who has the token.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from edge.live.access import Access, check_origin, parse_address, token_for
from edge.live.message import Made
from edge.live.sink import LiveSink
from landmarks.errors import MissingExtraError


@dataclass(frozen=True)
class LivePage:
    """How the page is served.

    Attributes:
        address: ``[HOST:]PORT``; 127.0.0.1 where no host is given, any free port for 0.
        token: what a page has to know; where None, ``$EDGE_LIVE_TOKEN``, and where that is not set
            either, a new random one if the address can be reached from other machines.
        with_picture: False sends the landmarks alone.
        framed_by: origin of the page that may show this one in a frame; None for nobody.
        finder: what finds the faces, to be shown.
    """

    address: str
    token: str | None = None
    with_picture: bool = True
    framed_by: str | None = None
    finder: str = ""


@contextmanager
def open_live(page: LivePage, model: str = "") -> Iterator[LiveSink]:
    """Serve the live page until the block ends, and print its URL to stderr.

    Args:
        page: how it is served.
        model: what finds the landmarks, to be shown.

    Raises:
        UsageError: the address or the token cannot be used.
        LandmarkError: the address is taken, or is not this machine's.
        MissingExtraError: websockets is not installed.
    """
    place = parse_address(page.address)
    token = token_for(place, page.token)
    if page.framed_by is not None:
        check_origin(page.framed_by)
    try:
        from edge.live.page import page_files
        from edge.live.server import serve_watchers
    except ImportError:
        raise MissingExtraError(
            "--live needs websockets: pip install 'edge-landmarks[live]'"
        ) from None
    access = Access.to(place, token)
    files = page_files(page.framed_by)
    with place.listen() as listener, serve_watchers(listener, access, files) as watchers:
        url = place.url(listener.getsockname()[1], token)
        print(f"live: {url}", file=sys.stderr)
        yield LiveSink(watchers, url, Made(model, page.finder), with_picture=page.with_picture)
