"""Where an MQTT broker is, and what a run is called there: read from the command line and checked.

What a broker would refuse without a word (a topic with control characters) or a library would fail
at in a thread of its own (a host that is no name) is said here, before anything begins.
"""

from __future__ import annotations

import re
import socket
import ssl
import unicodedata
from dataclasses import dataclass
from pathlib import Path

from landmarks.errors import UsageError

DEFAULT_PORT, DEFAULT_TLS_PORT = 1883, 8883
DEFAULT_TOPIC = "edge-landmarks"
LONGEST_TOPIC = 1000  # bytes; a broker takes 65,535, ours are longer by what stands below them
FORM = "[mqtt[s]://][USER@]HOST[:PORT][/TOPIC]"
NAME_FORM = re.compile(r"[A-Za-z0-9_-]{1,64}")  # in a topic, and as an id in Home Assistant


@dataclass(frozen=True)
class Tls:
    """An encrypted connection to a broker whose certificate is checked.

    Attributes:
        authority: PEM file of who must have signed it; None for those that the system trusts.
    """

    authority: Path | None = None

    def context(self) -> ssl.SSLContext:
        """Return the settings for a connection.

        Raises:
            UsageError: the file cannot be read as certificates.
        """
        try:
            return ssl.create_default_context(cafile=self.authority)
        except OSError as error:  # of ssl, too
            raise UsageError(
                f"--mqtt-tls {self.authority}: {error.strerror or error}, expected a PEM file of "
                "certificates"
            ) from None


@dataclass(frozen=True)
class Broker:
    """Where an MQTT broker listens, and the topic that all of ours lie below.

    Attributes:
        tls: None for a connection that is not encrypted.
        user: who logs in; None where the environment says it, or nobody does.
    """

    host: str
    port: int = DEFAULT_PORT
    topic: str = DEFAULT_TOPIC
    tls: Tls | None = None
    user: str | None = None

    @classmethod
    def parse(cls, text: str, tls: Tls | None = None) -> Broker:
        """Read ``[mqtt[s]://][USER@]HOST[:PORT][/TOPIC]``; an IPv6 address stands in brackets.

        Raises:
            UsageError: it is not of that form, or holds a password.
        """
        scheme, there, rest = text.partition("://")
        if not there:
            scheme, rest = "mqtt", text
        if scheme == "mqtts":
            tls = tls or Tls()
        address, _, topic = rest.partition("/")
        login, _, place = address.rpartition("@")
        if ":" in login:
            raise UsageError(
                f"--mqtt {text}: others see a password on the command line, write USER@HOST and "
                "put it into $EDGE_MQTT_PASSWORD"
            )
        host, colon, port = place.rpartition(":") if not place.endswith("]") else (place, "", "")
        host = (host if colon else place).removeprefix("[").removesuffix("]")
        usual = DEFAULT_PORT if tls is None else DEFAULT_TLS_PORT
        number = int(port) if port.isascii() and port.isdecimal() else (0 if colon else usual)
        if scheme not in ("mqtt", "mqtts") or not 0 < number < 1 << 16:
            raise UsageError(f"--mqtt {text}: expected {FORM}, for example broker.local:1883/home")
        if not _is_host(host):
            raise UsageError(f"--mqtt {text}: {host!r} is no name of a host, expected {FORM}")
        topic = topic.strip("/") or DEFAULT_TOPIC
        if not _is_topic(topic):
            raise UsageError(
                f"--mqtt {text}: expected {FORM}, TOPIC without # + and control characters, not "
                f"beginning with $, of {LONGEST_TOPIC} bytes at most"
            )
        return cls(host, number, topic, tls, login or None)


def run_name(source: str | None) -> str:
    """Return what a run is called where nobody says so: this machine and what it looks at.

    Args:
        source: as the user gave it, None for the first camera; of an address only the host is
            taken, which is no secret.
    """
    if source is None:
        what = "camera"
    elif "://" in source:
        what = re.split("[/?#]", source.partition("://")[2].rpartition("@")[2])[0]
    else:
        what = Path(source).stem
    name = re.sub(r"[^A-Za-z0-9_-]+", "-", f"{socket.gethostname()}-{what}").strip("-")
    return name[:64] or "run"


def _is_host(text: str) -> bool:
    """Say whether it can be a name or an address: the resolver is asked later."""
    try:
        text.encode("idna")
    except UnicodeError:  # an empty part, one that is too long, what stands in no name
        return False
    return bool(text) and not re.search(r"[\s\0-\x20\x7f/@?#\[\]]", text)


def _is_topic(text: str) -> bool:
    categories = {unicodedata.category(character) for character in text}
    if categories & {"Cc", "Cs", "Cn"} or set(text) & set("#+") or text.startswith("$"):
        return False
    return len(text.encode()) <= LONGEST_TOPIC
