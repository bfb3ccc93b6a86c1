"""When frames come: again and again, as fast as they were taken, or not so many."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import replace

from edge.camera.capture import OpenCamera
from edge.stream import Frame, FrameSource

USUAL_FPS = 25.0
EARLY, EARLY_S = 0.1, 0.005  # of a frame's distance, and at most: so early a frame may come
LATE_S = 1.0  # a film that is decoded more slowly than it plays is not chased


@contextmanager
def looped(open_source: OpenCamera) -> Iterator[FrameSource]:
    """Open a source that begins anew whenever it ends; numbers and times go on."""
    with open_source() as first:
        frames = _again_and_again(first, open_source)
        yield FrameSource(frames, continuous=first.continuous, fps=first.fps)


def _again_and_again(source: FrameSource, open_source: OpenCamera) -> Iterator[Frame]:
    step_s = 1 / (source.fps or USUAL_FPS)
    index, time_s = yield from _shifted(source.frames, 0, 0.0)
    while True:
        with open_source() as again:
            index, time_s = yield from _shifted(again.frames, index, time_s + step_s)


def _shifted(
    frames: Iterator[Frame], index: int, start_s: float
) -> Generator[Frame, None, tuple[int, float]]:
    """Yield frames with number and time counted on; return the next number and the last time."""
    last_s = start_s
    for frame in frames:
        if frame.time_s is not None:
            last_s = start_s + frame.time_s
            frame = replace(frame, time_s=last_s)
        yield replace(frame, index=index)
        index += 1
    return index, last_s


def in_real_time(frames: Iterator[Frame]) -> Iterator[Frame]:
    """Yield each frame when it is due by its time, as if a camera took it then."""
    start: float | None = None  # of the monotonic clock, where the time of the film is 0
    for frame in frames:
        if frame.time_s is None:
            yield frame
            continue
        now = time.monotonic()
        if start is None or now - (start + frame.time_s) > LATE_S:
            start = now - frame.time_s
        due = start + frame.time_s
        time.sleep(max(0.0, due - now))
        yield replace(frame, sensor_ns=int(due * 1e9))


def at_most(frames: Iterator[Frame], max_fps: float) -> Iterator[Frame]:
    """Leave out frames that come sooner after another than ``max_fps`` allows, by their times."""
    step_s, due_s = 1 / max_fps, None
    early_s = min(EARLY * step_s, EARLY_S)
    for frame in frames:
        now_s = frame.time_s if frame.sensor_ns is None else frame.sensor_ns / 1e9
        if now_s is not None and due_s is not None:
            if now_s < due_s - early_s:
                continue
            due_s = max(due_s + step_s, now_s + early_s)
        elif now_s is not None:
            due_s = now_s + step_s
        yield frame
