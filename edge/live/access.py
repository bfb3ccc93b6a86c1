"""Where the page is served, and who may see it.

Three checks, each against another way in:

- ``Host`` must be an address or a name of this machine. A web page elsewhere whose name was pointed
  at this machine (DNS rebinding) still sends its own name.
- ``Origin``, which browsers send with each WebSocket, must be the page's own.
- On any address that other machines reach, frames need the token. It comes to the page in the URL's
  fragment, which browsers send to no server and put in no log or ``Referer``; the page takes it out
  of the address bar. It travels in a header of the WebSocket's handshake, never in a URL and never
  as a cookie, which other servers of the same machine would get too. The files of the page are the
  same for everybody and need no token.
"""

from __future__ import annotations

import base64
import ipaddress
import os
import re
import secrets
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus

from landmarks.errors import LandmarkError, UsageError

TOKEN_VARIABLE = "EDGE_LIVE_TOKEN"
SUBPROTOCOL = "edge-landmarks"  # what the page speaks; the token is offered beside it
TOKEN_PREFIX = "token."
TOKEN_FORM = re.compile(r"[A-Za-z0-9_-]{12,}")  # may stand in a URL and in a header as it is
LOOPBACK = "127.0.0.1"
ANY = ("0.0.0.0", "::")


@dataclass(frozen=True)
class Address:
    """Where to listen.

    Attributes:
        host: a name or an address; an IPv6 address without brackets.
        port: 0 for any that is free.
    """

    host: str
    port: int

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine can reach it."""
        address = _as_ip(self.host)
        return self.host == "localhost" if address is None else address.is_loopback

    def listen(self) -> socket.socket:
        """Return a listening socket.

        Raises:
            LandmarkError: the address is taken, not allowed, or not this machine's.
        """
        try:
            family, *_, place = socket.getaddrinfo(
                self.host, self.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
            )[0]
            return socket.create_server(place[:2], family=family)
        except OSError as error:
            code = error.errno or 0  # below 0 where the name is not known
            reason = os.strerror(code) if code > 0 else error.strerror
            raise LandmarkError(
                f"--live {_bracketed(self.host)}:{self.port}: cannot listen there ({reason}): "
                "choose another port or address"
            ) from None

    def url(self, port: int, token: str | None) -> str:
        """Return what to open in a browser."""
        host = f"{socket.gethostname()}.local" if self.host in ANY else self.host
        fragment = f"#token={token}" if token else ""
        return f"http://{_bracketed(host)}:{port}/{fragment}"


def parse_address(text: str) -> Address:
    """Read ``[HOST:]PORT``, such as ``8080``, ``0.0.0.0:8080`` or ``[::1]:8080``.

    Raises:
        UsageError: it is something else.
    """
    host, _, port = text.rpartition(":")
    if not (port.isascii() and port.isdecimal() and int(port) < 1 << 16):
        raise UsageError(f"--live {text}: expected [HOST:]PORT, for example 8080")
    if host.startswith("[") and host.endswith("]"):
        host = host[1:-1]
    elif ":" in host:
        raise UsageError(f"--live {text}: write an IPv6 address in brackets, for example [::1]:80")
    return Address(host.lower() or LOOPBACK, int(port))


def check_origin(text: str) -> None:
    """Raise UsageError unless it is the origin of a page, as a browser spells it."""
    if not re.fullmatch(r"https?://([a-z0-9.-]+|\[[0-9a-f:]+\])(:\d{1,5})?", text):
        raise UsageError(
            f"--live-framed-by {text}: expected http[s]://HOST[:PORT] in small letters, for "
            "example http://homeassistant.local:8123"
        )


def token_for(address: Address, given: str | None) -> str | None:
    """Return the token that pages need: the given one, the environment's, or a new one.

    None where nobody gave one and only this machine can reach the address. An empty one is given:
    who wrote ``"$(cat file)"`` wanted a token, whatever became of the file.

    Raises:
        UsageError: the token is too short to be safe, or cannot stand in a URL.
    """
    token = os.environ.get(TOKEN_VARIABLE) if given is None else given
    if token is None:
        return None if address.is_loopback else secrets.token_urlsafe(16)
    if not TOKEN_FORM.fullmatch(token):
        raise UsageError(
            f"--live-token or ${TOKEN_VARIABLE}: received {len(token)} characters, expected 12 or "
            "more of A-Z a-z 0-9 _ -"
        )
    return token


@dataclass(frozen=True)
class Access:
    """Who may see what.

    Attributes:
        token: what a page must know; None where it needs none.
        names: what this machine is called; addresses are always right.
    """

    token: str | None
    names: frozenset[str]

    @classmethod
    def to(cls, address: Address, token: str | None) -> Access:
        """Return the rules for pages of an address."""
        name = socket.gethostname().lower()
        return cls(token, frozenset({"localhost", address.host, name, f"{name}.local"}))

    def refuse_page(self, headers: Mapping[str, str]) -> HTTPStatus | None:
        """Return why a request for anything is refused; None where it is not.

        Args:
            headers: of the request, by their names in small letters.
        """
        host = headers.get("host", "")
        if not self._is_ours(host):
            return HTTPStatus.MISDIRECTED_REQUEST
        origin = headers.get("origin")  # programs that are no browser send none
        if origin is not None and origin != f"http://{host}":
            return HTTPStatus.FORBIDDEN
        return None

    def refuse_frames(self, headers: Mapping[str, str]) -> HTTPStatus | None:
        """Return why a request for frames is refused, ``refuse_page`` having allowed it."""
        if self.token is None:
            return None
        if secrets.compare_digest(_token_in(headers).encode(), self.token.encode()):
            return None
        return HTTPStatus.UNAUTHORIZED

    def _is_ours(self, host_header: str) -> bool:
        """Whether the name before the port is ours; the port is another one behind a tunnel."""
        match = re.fullmatch(r"(\[[0-9A-Fa-f:.]+\]|[^:\[\]]+)(:\d+)?", host_header)
        if match is None:
            return False
        host = match[1].strip("[]").lower()
        return host in self.names or _as_ip(host) is not None


def _token_in(headers: Mapping[str, str]) -> str:
    """Return the token that a request brings; empty where none.

    A WebSocket offers it beside the protocol, a fetch sends it as Bearer, and a program that knows
    users and passwords alone as the password.
    """
    for offer in headers.get("sec-websocket-protocol", "").split(","):
        if offer.strip().startswith(TOKEN_PREFIX):
            return offer.strip().removeprefix(TOKEN_PREFIX)
    scheme, _, token = headers.get("authorization", "").partition(" ")
    if scheme == "Bearer":
        return token
    return _password_in(token) if scheme == "Basic" else ""


def _password_in(login: str) -> str:
    """Return the password of a Basic login, whoever the user is; empty where it is none."""
    try:
        return base64.b64decode(login, validate=True).decode().partition(":")[2]
    except ValueError:
        return ""


def _as_ip(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
