"""The files of the page, and the headers that keep it to itself."""

from __future__ import annotations

from http import HTTPStatus
from importlib.resources import files

from websockets.datastructures import Headers
from websockets.http11 import Response

KINDS = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors "
)
PROTECTION = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}


def page_files(framed_by: str | None = None) -> dict[str, Response]:
    """Return the answer for each path of the page; ``/`` is its HTML.

    Args:
        framed_by: origin of the page that may show this one in a frame; None for nobody.
    """
    answers = {}
    for file in (files("edge.live") / "static").iterdir():
        kind = KINDS[file.name[file.name.rindex(".") :]]
        path = "/" if file.name == "index.html" else f"/{file.name}"
        policy = {"Content-Security-Policy": POLICY + (framed_by or "'none'")}
        answers[path] = response(HTTPStatus.OK, file.read_bytes(), kind, policy)
    return answers


def plain_response(status: HTTPStatus) -> Response:
    """Return an answer that says no more than its status."""
    headers = {"WWW-Authenticate": "Bearer"} if status is HTTPStatus.UNAUTHORIZED else {}
    return response(status, f"{status.phrase}\n".encode(), "text/plain; charset=utf-8", headers)


def response(
    status: HTTPStatus, body: bytes, kind: str, further: dict[str, str] | None = None
) -> Response:
    """Return an answer with all protection."""
    headers = Headers(
        {
            "Content-Type": kind,
            "Content-Length": str(len(body)),
            "Connection": "close",
            **PROTECTION,
            "Content-Security-Policy": f"{POLICY}'none'",
            **(further or {}),
        }
    )
    return Response(status.value, status.phrase, headers, body)
