"""How a run is asked to end from outside: Ctrl-C, SIGTERM of a service manager, or a lost ssh."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType

from command_line.command import INTERRUPTED


@dataclass
class Stop:
    """Whether the run was asked to end; looked at between frames.

    A plain attribute: a signal handler may not take a lock that the main thread may hold.

    Attributes:
        signal: the number of the signal that asked, or None.
    """

    signal: int | None = None

    @property
    def requested(self) -> bool:
        """Whether to end."""
        return self.signal is not None

    @property
    def interrupted(self) -> bool:
        """Whether it was Ctrl-C."""
        return self.signal == signal.SIGINT


@contextmanager
def stop_on_signals() -> Iterator[Stop]:
    """Turn SIGINT, SIGTERM and SIGHUP into a request; a second SIGINT ends the process at once.

    SIGHUP comes when a terminal goes away; ``nohup`` has it ignored, and then it stays so.

    Outside the main thread, where Python handles no signals, nothing asks.
    """
    stop = Stop()

    def ask(number: int, _: FrameType | None) -> None:
        if stop.interrupted and number == signal.SIGINT:
            os._exit(INTERRUPTED)
        stop.signal = number

    if threading.current_thread() is not threading.main_thread():
        yield stop
        return
    numbers = [signal.SIGINT, signal.SIGTERM]
    if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:
        numbers.append(signal.SIGHUP)
    before = {number: signal.signal(number, ask) for number in numbers}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
