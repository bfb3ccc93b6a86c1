"""Under systemd: say that the run has begun, and again and again that it still works.

The protocol of sd_notify(3): one datagram to the socket that ``NOTIFY_SOCKET`` names. Elsewhere
nothing is said.
"""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Iterator

from edge.stream import Item

READY, ALIVE = "READY=1", "WATCHDOG=1"
USUAL_INTERVAL_S = 10.0


def notify_systemd(items: Iterator[Item]) -> Iterator[Item]:
    """Let items pass, and tell systemd of the first and then twice in each ``WatchdogSec``.

    A run that hangs, in whatever library, takes no items; systemd then starts it again.
    """
    interval_s = float(os.environ.get("WATCHDOG_USEC", 2e6 * USUAL_INTERVAL_S)) / 2e6
    due = 0.0
    for item in items:
        if time.monotonic() >= due:
            notify(ALIVE if due else READY)
            due = time.monotonic() + interval_s
        yield item


def notify(message: str) -> None:
    """Tell systemd, if it wants to know; it is no failure if it does not hear."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return
    if address.startswith("@"):  # a socket without a file
        address = "\0" + address[1:]
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as end:
            end.sendto(message.encode(), address)
    except OSError:
        pass
