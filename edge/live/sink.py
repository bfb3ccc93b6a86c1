"""The pipeline's end of the live page: hands over the newest frame when a page waits for one."""

from __future__ import annotations

import time
from typing import Protocol

from edge.live.message import Made, View
from edge.live.speed import SpeedMeter
from edge.stream import Event, FrameResult


class Audience(Protocol):
    """Who looks at frames; both methods return at once."""

    def wants_frame(self) -> bool:
        """Say whether somebody waits for a frame."""
        ...

    def show(self, view: View) -> None:
        """Take the frame that was waited for."""
        ...

    def announce(self, event: Event) -> None:
        """Take an event."""
        ...


class LiveSink:
    """A ``Sink``; called by one thread.

    Attributes:
        url: where the page is.
        failure: None: a page that fails is cut off, and the others look on.
    """

    failure: str | None = None

    def __init__(self, audience: Audience, url: str, made: Made, *, with_picture: bool) -> None:
        """Get ready.

        Args:
            audience: who gets frames.
            url: where the page is.
            made: what the landmarks are made with.
            with_picture: False hands over the landmarks alone.
        """
        self.url = url
        self._audience, self._made, self._with_picture = audience, made, with_picture
        self._meter = SpeedMeter()
        self._dropped = 0

    def write(self, result: FrameResult) -> None:
        """Count a frame, and hand it over if somebody waits for one."""
        now_ns, frame = time.monotonic_ns(), result.frame
        self._dropped += result.dropped
        if frame.image is not None:
            self._meter.add(now_ns, result.times, frame.sensor_ns)
        if frame.image is None or not self._audience.wants_frame():
            return
        self._audience.show(
            View(
                index=frame.index,
                size=(frame.image.shape[1], frame.image.shape[0]),
                faces=result.faces,
                picture=frame.image if self._with_picture else None,
                taken_ns=now_ns if frame.sensor_ns is None else frame.sensor_ns,
                speed=self._meter.read(),
                dropped=self._dropped,
                made=self._made,
            )
        )

    def event(self, event: Event) -> None:
        """Tell every page."""
        self._audience.announce(event)
